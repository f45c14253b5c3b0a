"""The stand-in's texts in both languages. They are the first thing a newcomer reads in the playground."""

from dataclasses import dataclass

from bot.sandbox.models.papers import ENGLISH_PAPER, RUSSIAN_PAPER, Paper
from bot.sandbox.models.tale import ENGLISH_TALE, RUSSIAN_TALE, Tale


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language."""

    report: str
    """The usual answer; its fields are filled with what reached the stand-in."""
    none: str
    default: str
    long: str
    """How the long answer is asked for, as a pattern."""
    samples: tuple[tuple[str, str], ...]
    """What is asked for, as a pattern, and the answer; the first that fits is given."""
    tale: Tale
    paper: Paper
    pictures: str
    """What stands above the pictures that came with the question; the next one stands for one of them."""
    picture: str
    link: str
    """For one that is somewhere else, where nobody looks."""
    earlier_pictures: str
    thought: str
    """What stands in the place of a model's thoughts."""
    nothing_left: str
    """What is said when an answer that came to its end shall go on."""


_CODE = '''```python
from collections import Counter


def commonest(text: str, count: int = 3) -> list[tuple[str, int]]:
    """Return the commonest words of a text and how often they occur."""
    words = (word.strip(".,!?").lower() for word in text.split())
    return Counter(words).most_common(count)


if __name__ == "__main__":
    print(commonest("to be, or not to be: that is the question"))
```'''

_ENGLISH_HELP = """## What I can do

I am a **stand-in**: a small program on this computer that takes the model's place. I understand nothing, but \
I answer at once, cost nothing and need no network. Everything around my words is the real bot.

**Ask me for an answer of a certain kind:**

- `long answer` – about 10,000 characters in numbered paragraphs, so that you can see that none is lost
- `200 words` – exactly as many words as you say
- `10020 characters` – a document of exactly this length: tables, code, lists, formulas
- `code` – a program in a block of its own
- `table` – a table
- `list` – lists, one within the other
- `continue` – the rest of an answer that was cut by `max_tokens`

**Or have me fail,** and see what the bot makes of it. Write `show me an error: quota`, or another word:

- `quota` – too many generations at once
- `busy` – the service is unavailable
- `key`, `access` – a wrong key; a key without rights
- `model` – a model that does not exist
- `long` – a dialogue longer than the model can read
- `filter` – the ethics of the service step in
- `truncated` – the limit of tokens is reached
- `cut`, `late`, `silence` – in the middle of the answer the connection breaks, an error comes, nothing comes

Whatever else you write, I tell you what reached me: that is how you can see what your prompt sends."""

_ENGLISH_REPORT = """**I am a stand-in, not a model:** no network, no costs, no wits. You wrote:

{question}

{pictures}This is what reached me with it:

- **system prompt:** {system}
- **earlier turns:** {turns}
- **model:** {model}
- **temperature:** {temperature}
- **answer's limit of tokens:** {max_tokens}

Try `long answer`, `code`, `table`, `list` or `200 words`, or ask me *what can you do*. \
Put your key into `.env`, and a real model answers instead of me."""

_ENGLISH_CODE = f"""Here is a program, written beforehand, because a stand-in cannot write one:

{_CODE}

Run it with `python commonest.py`: it prints the three commonest words. Names such as `most_common` stand \
in the line, and the block keeps its **indentation**."""

_ENGLISH_TABLE = """A stand-in knows only tables laid beforehand. This one compares ways to show an answer:

| Way | Where it works | How it looks |
|:--|:--:|--:|
| edits | everywhere | the message grows |
| drafts | private chats | the text appears as it is typed |
| one message | everywhere | the whole text at the end |

Three rows, three columns, and the last column is aligned to the right."""

_ENGLISH_LIST = """A stand-in has no plans, but it has a list. To make this bot your own:

1. **Write a prompt.** A file in `prompts/` is enough:
   - *a system text* says who the bot is;
   - *a model* says who thinks.
2. **Try it here.** I shall show you what your prompt sends.
3. **Get a key** in the console of the cloud and put it into `.env`.
4. **Open the door:**
   - to a few people, by their ids;
   - or to everyone.

That is all."""

_RUSSIAN_HELP = """## Что я умею

Я **дублёр**: маленькая программа на этом компьютере, которая подменяет модель. Я ничего не понимаю, зато \
отвечаю сразу, ничего не стою и не хожу в сеть. Всё, что вокруг моих слов, — настоящий бот.

**Попросите ответ нужного вида:**

- `длинный ответ` — около 10 000 знаков, абзацы пронумерованы: видно, что ни один не потерян
- `200 слов` — ровно столько слов, сколько скажете
- `10020 знаков` — документ ровно этой длины: таблицы, код, списки, формулы
- `код` — программа в отдельном блоке
- `таблица` — таблица
- `список` — списки, один внутри другого
- `продолжай` — остаток ответа, который обрезан по `max_tokens`

**Или велите мне сломаться** и посмотрите, что скажет бот. Напишите `покажи ошибку: квота` или другое слово:

- `квота` — слишком много генераций сразу
- `занято` — сервис недоступен
- `ключ`, `доступ` — неверный ключ; ключ без прав
- `модель` — модели с таким именем нет
- `длина` — диалог длиннее, чем модель может прочесть
- `фильтр` — вмешалась этика сервиса
- `обрезка` — кончились токены ответа
- `обрыв`, `поздно`, `тишина` — посреди ответа рвётся связь, приходит ошибка, не приходит ничего

На всё остальное я рассказываю, что до меня дошло: так видно, что отправляет ваш промпт."""

_RUSSIAN_REPORT = """**Я дублёр, а не модель:** без сети, без платы и без ума. Вы написали:

{question}

{pictures}Вместе с этим до меня дошло:

- **системный промпт:** {system}
- **прежних реплик с ответами:** {turns}
- **модель:** {model}
- **температура:** {temperature}
- **предел токенов ответа:** {max_tokens}

Попробуйте `длинный ответ`, `код`, `таблица`, `список` или `200 слов` — или спросите, *что ты умеешь*. \
А впишете ключ в `.env` — и вместо меня ответит настоящая модель."""

_RUSSIAN_CODE = f"""Вот программа. Она написана заранее, потому что сам дублёр программировать не умеет:

{_CODE}

Запустите `python commonest.py`, и она напечатает три самых частых слова. Имена вроде `most_common` стоят \
прямо в строке, а блок хранит **отступы**."""

_RUSSIAN_TABLE = """Дублёр знает только заготовленные таблицы. Эта сравнивает способы показать ответ:

| Способ | Где работает | Как выглядит |
|:--|:--:|--:|
| правки | везде | сообщение растёт |
| черновики | личные чаты | текст появляется, как при наборе |
| одно сообщение | везде | весь текст в конце |

Три строки, три столбца, последний прижат вправо."""

_RUSSIAN_LIST = """Планов у дублёра нет, а список есть. Чтобы этот бот стал вашим:

1. **Напишите промпт.** Достаточно одного файла в `prompts/`:
   - *системный текст* говорит, кто такой бот;
   - *модель* — кто за него думает.
2. **Попробуйте здесь.** Я покажу, что отправляет ваш промпт.
3. **Получите ключ** в консоли облака и впишите его в `.env`.
4. **Откройте дверь:**
   - нескольким людям, по их номерам;
   - или всем.

Вот и всё."""

ENGLISH = Phrases(
    report=_ENGLISH_REPORT,
    none="none",
    default="the service's default",
    long=r"\blong (?:answer|text|story)",
    samples=(
        (r"what can you do|\bhelp\b|\berror\s*:", _ENGLISH_HELP),
        (r"\bcode\b", _ENGLISH_CODE),
        (r"\btables?\b", _ENGLISH_TABLE),
        (r"\blists?\b", _ENGLISH_LIST),
    ),
    tale=ENGLISH_TALE,
    paper=ENGLISH_PAPER,
    pictures="I cannot see, but I can measure. **Pictures** that came with it: {number}",
    picture="{number}. {seen.width} × {seen.height} pixels, {seen.format}, {seen.size_bytes} bytes",
    link="{number}. a link, which I do not follow",
    earlier_pictures="**Pictures** from earlier turns: {number}",
    thought=(
        "A model would think here, and tell what it thinks. A stand-in does not think; these words only show "
        "where its thoughts would be."
    ),
    nothing_left="A stand-in has nothing to add: that was all.",
)
RUSSIAN = Phrases(
    report=_RUSSIAN_REPORT,
    none="нет",
    default="как решит сервис",
    long=r"длинн\w+ (?:ответ|текст|рассказ|истори)",
    samples=(
        (r"что (?:ты |вы )?(?:умее|може)|помощь|\bошибк\w*\s*:", _RUSSIAN_HELP),
        (r"\bкод\w{0,2}\b", _RUSSIAN_CODE),
        (r"\bтаблиц", _RUSSIAN_TABLE),
        (r"\bспис(?:ок|ка|ки)\b", _RUSSIAN_LIST),
    ),
    tale=RUSSIAN_TALE,
    paper=RUSSIAN_PAPER,
    pictures="Видеть я не умею, зато умею мерить. **Картинок** вместе с вопросом: {number}",
    picture="{number}. {seen.width} × {seen.height} пикселей, {seen.format}, {seen.size_bytes} байт",
    link="{number}. ссылка, по которой я не хожу",
    earlier_pictures="**Картинок** в прежних репликах: {number}",
    thought=(
        "Здесь модель думала бы и рассказывала, о чём думает. Дублёр не думает: эти слова только показывают, "
        "где были бы мысли."
    ),
    nothing_left="Дублёру нечего добавить: это было всё.",
)
