// A finger that draws a message to the left replies to it, as in Telegram.

const FAR_PX = 56;
const SLOPE = 1.6; // how much flatter than a diagonal a swipe must be; steeper ones scroll

// Call `onSwipe` with the row of `list` that was drawn aside.
export function swipeable(list, onSwipe) {
  let start = null;
  const drop = () => {
    if (start) start.row.style.translate = "";
    start = null;
  };
  list.addEventListener("touchstart", (event) => {
    drop();
    const row = event.target.closest(".row");
    if (!row || event.touches.length > 1 || event.target.closest("pre, .table, button, a")) return;
    const { clientX: x, clientY: y } = event.touches[0];
    start = { row, x, y, dx: 0 };
  }, { passive: true });
  list.addEventListener("touchmove", (event) => {
    if (!start) return;
    const { clientX: x, clientY: y } = event.touches[0];
    start.dx = Math.min(0, x - start.x);
    if (Math.abs(y - start.y) * SLOPE > Math.max(Math.abs(start.dx), 12)) return drop();
    start.row.style.translate = `${Math.max(start.dx, -FAR_PX)}px`;
  }, { passive: true });
  list.addEventListener("touchend", () => {
    const swiped = start && start.dx <= -FAR_PX ? start.row : null;
    drop();
    if (swiped) onSwipe(swiped);
  });
  list.addEventListener("touchcancel", drop);
}
