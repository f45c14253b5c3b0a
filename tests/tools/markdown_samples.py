"""Markdown that is hard to show: generated from hard pieces, and documents with numbered words to find."""

import random
import re
from itertools import count, cycle

from hypothesis import strategies as st

_WORDS = [
    "слово",
    "word",
    "snake_case",
    "2 * 3",
    "5)",
    "👩‍👩‍👧‍👦",
    "é",
    "שלום",
    "مرحبا",
    "日本語",
    "a<b>c</b>",
    "&amp;",
    "&nbsp;",
    "\\*",
    "`code`",
    "``a ` b``",
    "**bold**",
    "*it*",
    "_it_",
    "***both***",
    "~~no~~",
    "**a `b` c**",
    "**x*",
    "[l](http://a.b/c_(d))",
    "[`c`](https://a.b)",
    "[bad](javascript:x)",
    "[rel](/x y)",
    "![i](https://a.b/p.png)",
    "![](http://a.b)",
    "<http://a.b>",
    "<std::string>",
    "<a@b.co>",
    "$x_1 * y_2$",
    "\\(a_b\\)",
    "\\[c\\]",
    "$5 and $6",
    "**",
    "`",
    "[",
    "](",
    "~~",
    "|",
    "||s||",
    "[a **b](http://a.b) c**",
    "[1]",
    "[1]: http://a.b",
    "\\",
    "a\u200bb",
    "\u00a0",
    "🇷🇺",
    "1.",
    "-",
    "#",
    "<br>",
]
WORDS = st.sampled_from(_WORDS)
LINES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
_MARKS = [
    "",
    "",
    "",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "5) ",
    "# ",
    "## ",
    "> ",
    "> > ",
    "> - ",
    "  - ",
    "   1. ",
    "    ",
    "- [ ] ",
    "- [x] ",
    "- - ",
]
MARKS = st.sampled_from(_MARKS)
_SET = [
    "---",
    "***",
    "===",
    "```py\nx = 1\n\n  y\n```",
    "```\nraw **x**",
    "~~~\n```\n~~~",
    "- a\n  ```js\n  b\n  ```",
    "$$\na_1\n$$",
    "\\[\nx\n",
    "| a | b |\n|---|:-:|\n| 1 | `2` | 3 |\n| **x** |",
    "| a |\n|-",
    "|a",
    "> ```\n> q\n> ```",
    "> a\n> > b\n> c",
    "Заголовок\n---",
    "1. a\n   - b\n     - c\n\n   d\n2. e",
    "\tcode\n\tmore",
    "> | a | b |\n> |---|---|\n> | 1 | 2 |",
    "```",
    "- \n- x",
    "   ",
]
BLOCKS = st.one_of(
    st.builds("{}{}".format, MARKS, LINES),
    st.builds("{}{}\n{}".format, MARKS, LINES, LINES),
    st.sampled_from(_SET),
)
_GAPS = ["\n", "\n\n", "\n\n\n", "\n  \n"]
GAPS = st.sampled_from(_GAPS)
DOCUMENTS = st.lists(st.builds("{}{}".format, BLOCKS, GAPS), min_size=1, max_size=8).map("".join)
"""Whole documents; cut one anywhere to get a growing answer."""


def generated(seed: int) -> str:
    """Return a document like those of `DOCUMENTS`, always the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - nothing is secret
    blocks = []
    for _ in range(dice.randint(2, 9)):
        line = " ".join(dice.choices(_WORDS, k=dice.randint(1, 6)))
        blocks.append(dice.choice([*_SET, *[dice.choice(_MARKS) + line] * len(_SET)]) + dice.choice(_GAPS))
    return "".join(blocks)


def words(text: str) -> list[str]:
    """Return the numbered words of a text, in order: whatever shows a document must show them all, once."""
    return re.findall(r"w\d{4}", text)


def written(size: int, *sections: str) -> str:
    """Write sections in turn, a new word for every `§`, and at last words alone: `size` characters exactly."""
    number = count(1)
    text = ""
    for section in cycle(sections):
        more = re.sub("§", lambda _: f"w{next(number):04d}", section.strip("\n")) + "\n\n"
        if len(text) + len(more) > size - 40:
            break
        text += more
    while len(text) < size - 12:
        text += f"слово w{int((words(text) or ['w0'])[-1][1:]) + 1:04d} "
    return text.ljust(size, ".")


_PROSE = """
Начнём с **важного §**, потом *курсив §* и `код_§`, а ещё ~~зачёркнуто §~~ и ***то и другое §***.
Цена $5, потом $6 и 7$; 2 * 3 * 4 = 24. Имя snake_case_§, класс __init__ и x**2. Вопрос §? «Ответ §!»
Строка § без пустой перед ней, a < b && c > d, AT&T, &amp; и <br> §.
"""
_HEADINGS = """
# Заголовок §

## Часть `§` и **жирная**

### C# и § ###
Текст § сразу под ним
---
и ещё §
===
#хештег§
"""
_LISTS = """
Итог §:
- раз §
  - вложен **§**
    - глубже `§`
      1. счёт §
      2. дальше §
- два §
  продолжение §

  абзац пункта §

* звезда §
+ плюс *§*

1. первый §
   - внутри §
2. второй §
10) десятый §

- [ ] сделать §
- [x] готово §
- [X] тоже §
лениво §
"""
_CODE = """
```python
def §(x):
\tif x > 1 and *args:
\t\treturn `§` | **x**  # - [ ]

def §(x):
\tpass
```
текст §

~~~
``` §
~~~

    отступ §
      глубже §

- пункт §
  ```js
  let § = 1;

    f(§)
  ```
"""
_LONG_CODE = "```go\nfunc §() {\n" + "    value = '§'\n" * 20 + "}\n\n// §\n```"
_TABLES = (
    "Таблица §:\n\n| Имя | Число | Код |\n|:--|--:|:-:|\n"
    + "| § | 7 | `§` |\n" * 6
    + "\nи широкая §:\n| Параметр | Описание | Источник |\n|---|---|---|\n"
    + "| § | очень длинное описание § в **ячейке** | [ссылка §](https://a.b/c) |\n" * 3
    + "| § | a\\|b<br>c |\nне таблица §\n\na | b §\nc | d §"
)
_LONG_TABLE = "| Слово | Номер |\n|---|---|\n" + "| § | 1000 |\n" * 60
_QUOTES = """
> цитата §
> **жирно §**
лениво §
> > внутри §
>
> - пункт §
> - ещё `§`

> ```py
> x = '§'
> ```

- > цитата в пункте §
  > дальше §
"""
_LINKS = """
Смотри [ссылку §](https://a.b/c_(d)) и [скобки [§] тут](https://a.b "имя"), [плохую §](javascript:x),
[путь §](/x/y), ![картину §](https://a.b/p.png), <https://a.b/x> и [1] §, [`код §`](https://a.b),
<std::string> §, [сноска][1], массив[0] §.

[1]: https://a.b/c
"""
_FORMULAS = r"""
Пусть $x_1 \leq \frac{a+b}{2}$ §, \(\alpha \cdot \sqrt{x^2+1}\) § и $n$, а

$$
E = mc^2 \\
\sum_{i=1}^{n} i = \frac{n(n+1)}{2}
$$

или §

\[
\int_0^\infty e^{-x} dx = 1
\]

Это $\text{§} \to \mathbb{R}$ и $$\unknown{y}^{2}$$ §; $HOME и $PATH §.
"""
_ALPHABETS = """
Семья 👩\u200d👩\u200d👧\u200d👦 §, флаги 🇷🇺🇺🇸🇯🇵, цифры 1️⃣2️⃣, 👍🏽 **жирный 😀 §** и é, й.

שלום **עולם §** `§`; مرحبا *بالعالم §*. 日本語の**文章**です §。
\tтаб §\tи ещё
"""
_CROWD = "`§` *и* **§**, " * 40
_BROKEN = """
Это **не закрыто § и `код §

[ссылка §](https://a.b

- [
- ~~нет §

| голова § |

$не формула §

\\( тоже §

> *цитата §

#

1.

**§

*a **b §* c** __d §_ ||s|| ==m==
"""
_ONE_LINE = "Предложение § с **жирным §** и `кодом` без конца абзаца. " * 70
_SHORT = (_PROSE, _HEADINGS, _LISTS, _CODE, _TABLES, _QUOTES, _LINKS, _FORMULAS, _ALPHABETS, _CROWD)
_MIXED = (*_SHORT, _LONG_TABLE, _BROKEN, _LONG_CODE, _ONE_LINE)

HARD: dict[str, str] = {
    "prose": written(5000, _PROSE, _HEADINGS),
    "lists": written(5000, _LISTS),
    "code": written(6000, _CODE, _LONG_CODE, _LONG_CODE),
    "tables": written(5000, _TABLES),
    "long table": written(6000, _LONG_TABLE, _PROSE, _HEADINGS, _LONG_TABLE),
    "quotes": written(5000, _QUOTES),
    "links": written(5000, _LINKS),
    "formulas": written(5000, _FORMULAS),
    "alphabets": written(5000, _ALPHABETS),
    "crowd": written(5000, _CROWD, _HEADINGS),
    "broken": written(3000, _BROKEN),
    "one line": written(6000, _ONE_LINE, _BROKEN),
    "mixed, 10,020 characters": written(10_020, *_MIXED),
    "mixed, 30,000 characters": written(30_000, *_MIXED, *_MIXED[::-1]),
}
"""Documents that mix everything; `words` says what a reader must find in each of them."""
