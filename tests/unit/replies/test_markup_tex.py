import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.replies.markup.tex import converted, is_tex, shown


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"$x^2 + y_1$", "x² + y₁"),
        (r"$\frac{a}{b}$", "a/b"),
        (r"$\frac{a+b}{2c - 1}$", "(a+b)/(2c - 1)"),
        (r"\(\sqrt{x+1} \leq \sqrt[3]{8}\)", "√(x+1) ≤ ³√8"),
        (r"$\alpha \cdot \beta \to \infty$", "α · β → ∞"),
        (r"$\sum_{i=1}^{n} i^2$", "∑ᵢ₌₁ⁿ i²"),
        (r"$\int_0^1 f(x)\,dx$", "∫₀¹ f(x) dx"),
        (r"$e^{-x/2}$", "e^(-x/2)"),
        (r"$x_{max} \neq v_{bd}$", "xₘₐₓ ≠ v_bd"),
        (r"$\text{если } x \in \mathbb{R}$", "если x ∈ ℝ"),
        (r"$\left( \frac{1}{2} \right)^n$", "( 1/2 )ⁿ"),
        (r"$\vec{a} \times \hat{b}$", "a⃗ × b̂"),
        (r"$\lim_{x \to 0} \frac{\sin x}{x} = 1$", "lim_(x → 0) (sin x)/x = 1"),
        (r"$\angle = 90^\circ$", "∠ = 90°"),
        (r"$f'(x)$", "f′(x)"),
        (r"\[\binom{n}{k} \equiv 0 \pmod{p}\]", "C(n, k) ≡ 0 (mod p)"),
        (r"$$\begin{pmatrix} a & b \\ c & d \end{pmatrix}$$", "(a b; c d)"),
        (r"$$\begin{aligned} x &= 1 \\ y &= 2 \end{aligned}$$", "x = 1\ny = 2"),
        (r"$$\begin{unknown} x \end{unknown}$$", r"\beginunknown x \end{unknown}"),
        (r"$\foo{a}{b} + \bar{x}$", r"\foo{a}{b} + x̄"),
        (r"$n$", "n"),
        (r"$f(x)$", "f(x)"),
    ],
)
def test_formulas_become_readable(formula: str, text: str) -> None:
    assert shown(formula) == text


@pytest.mark.parametrize(
    "text", ["$5, не 6$", "$PATH$", "$snake_case$", "$10/день$", r"\[1\]", r"\(слово\)", "$$слова$$"]
)
def test_what_only_looks_like_a_formula_stays(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize("inner", ["a", "ab", "a = b", "x^2", r"\pi", "2 + 2"])
def test_mathematics_is_recognised(inner: str) -> None:
    assert is_tex(inner)


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (r"\frac{w", "w"),
        (r"\frac{w}{", "w/"),
        (r"\sqrt[3", "³√"),
        ("w^", "w^"),
        (r"\begin{pmatrix} w", "(w)"),
        ("{{w", "w"),
        ("w}}", "w"),
        ("w\\", "w\\"),
        (r"w\left", "w"),
        (r"\begin", r"\begin"),
    ],
)
def test_half_a_formula_is_no_error(inner: str, text: str) -> None:
    assert converted(inner) == text


@given(
    st.lists(
        st.sampled_from([r"\foo", r"\frac", "{", "}", "^", "_", "Ш1 ", "&", r"\\", r"\begin{x}", "[", "'", "$"])
    )
)
def test_no_word_is_lost_whatever_is_around_it(parts: list[str]) -> None:
    assert converted("".join(parts)).count("Ш") == parts.count("Ш1 ")


@pytest.mark.parametrize("sign", ["{", "^", r"\frac", r"\sqrt[", r"\begin{matrix}", r"\mathbb{"])
def test_nonsense_nested_very_deeply_is_no_error(sign: str) -> None:
    assert "Ш" in converted(sign * 1500 + "Ш")
