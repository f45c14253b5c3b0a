"""The bot's own words in English."""

from bot.texts.phrases import ClassifyingWords, Failures, Phrases, PictureWords, UsageWords

ENGLISH = Phrases(
    greeting="Hello, {name}! I answer with the help of a language model. You are talking to: {title}.",
    help=(
        "Just write to me or send me a photo, and watch the answer grow. "
        "Change your last message, and I will answer it anew; "
        "reply to an older answer, and I will come back to it.\n\n"
        "/new: forget this dialogue and begin a new one\n"
        "/prompts: choose who answers you\n"
        "/model: choose which model answers\n"
        "/stop: stop the answer that is growing\n"
        "/queue: answers that come later, and how to cancel them\n"
        "/ask: ask me in a group (or mention @{bot}, or reply to me)\n"
        "/image: draw a picture, in a style of your choice\n"
        "/classify: tell texts apart, one or a whole file\n"
        "/usage: what your questions have cost\n"
        "/id: your id and the id of this chat\n"
        "/help: this list"
    ),
    unknown_command="I do not know the command {command}.",
    fresh_start="Done: I have forgotten this dialogue. What shall we talk about?",
    choose_prompt="Who should answer you?",
    prompt_chosen="You are now talking to: {title}.",
    unknown_prompt="There is no “{name}” here. Choose from the list:",
    choose_model="Which model should answer?",
    model_chosen="This model answers from now on: {title}.",
    no_such_model="There is no model “{name}” here. Choose from the list:",
    one_model="“{prompt}” has one model: {title}.",
    nothing_to_stop="There is nothing to stop: the answer is written already, or has not begun yet.",
    stopped="Stopped",
    ask_what="Write your question after the command: /ask why is the sky blue?",
    identity="Your id: {user_id}\nId of this chat: {chat_id}",
    unreadable="I can read text and pictures: JPEG, PNG, WebP or GIF, up to 20 MB. This I cannot read.",
    too_much_waits=(
        "I am still answering your earlier messages; I will skip this one and the next ones. "
        "Please write again when I have answered."
    ),
    truncated="The answer has reached its length limit.",
    empty_answer="The model answered with silence. Try to ask differently.",
    thinking="Thinking… {seconds} s",
    in_line="You are number {place} in line…",
    whole_as_file="The whole answer as a file",
    go_on=(
        "Go on with your last answer from exactly where it broke off. Repeat nothing and add no introduction. "
        "If it broke off inside a code block, begin with a new block of the same language."
    ),
    photos_alone=(
        "This came without a word. Do with it what you are here for; "
        "if that is not clear, say briefly what it shows."
    ),
    photos_unseen="[Pictures that are not shown: {count}]",
    button_stop="Stop",
    button_again="Again",
    button_continue="Continue",
    button_show="Show it to: {title}",
    show_too_late="There is a newer question already. Please send the picture once more.",
    button_expired="This button no longer works.",
    only_newest="Only the newest answer can be given again or continued.",
    stranger="This bot is private: its owner has to let you in. Your id: {user_id}.",
    knock="{name} (id {user_id}) would like to use the bot. Chat: {chat}.",
    button_admit="Admit",
    button_admit_chat="Admit the whole chat",
    button_refuse="Refuse",
    admitted="Admitted: {name}.",
    refused="Refused: {name}.",
    welcome_in="You have been let in. Ask away!",
    owners_only="Only the bot's owners may decide that.",
    not_yours="Only the one who asked may press this.",
    usage=UsageWords(
        yours="What your questions have cost:",
        everybody="What everybody's questions have cost:",
        nothing="Nothing has been spent in the last 30 days.",
        today="Today",
        days="{days} days",
        sums="{rub} ₽, requests: {requests}, tokens: {tokens}",
        without_tokens="{rub} ₽, requests: {requests}",
        by_model="By model, 30 days:",
        by_prompt="By prompt, 30 days:",
        by_person="By person, 30 days:",
        others="others",
        free="Models without a price in the list count as 0 ₽.",
    ),
    pictures=PictureWords(
        what="Say what to draw: /image a red cat on a green roof. Or answer a message with /image.",
        choose_style="How shall I draw?",
        no_style="As I say it",
        style_chosen="From now on I draw like this: {title}.",
        drawing="🎨 Drawing… {seconds} s",
        stopped="⏹ Stopped. What the service has begun, it may bill.",
        caption="{style} · seed {seed} · {ratio}",
        caption_unseeded="{style} · asked for {ratio}",
        button_again="Again",
        button_file="As a file",
        gone="This picture is too long ago. Ask for a new one: /image.",
        too_long="That is too much for one picture: words and style together may have {most} characters.",
        filtered="The image model declined to draw this. Try other words.",
        denied="The bot has no permission to draw. Its owner has to check roles, billing and the image model.",
        quota="The quota of pictures is used up. Please try again a little later.",
        hanging="The picture is not ready after all this time, so I stopped waiting.",
        lost="The service has lost the picture. Please ask for it again.",
        down="The image model does not work right now. Please try again in a minute.",
        unreachable="I cannot reach the image model. Please try again in a minute.",
        in_doubt=(
            "I do not know whether the order of this picture arrived. Not to "
            "pay twice, I have not repeated it: ask again if you want it."
        ),
        rejected="The image model refused the request. Try other words.",
        forbidden="The picture is ready, but this chat does not let me send pictures or files.",
    ),
    comes_later=(
        "Got it: I will answer when the model has finished, usually in a few minutes. "
        "/queue shows what is on its way."
    ),
    too_many_orders="Too many of your answers are on their way already. Wait for one, or cancel one: /queue",
    queue="On their way:",
    queue_more="…and {count} more",
    queue_empty="No answers are on their way here.",
    just_now="just now",
    minutes_ago="{minutes} min ago",
    hours_ago="{hours} h ago",
    order_cancelled="Cancelled. What the model has done already may still be charged.",
    order_too_late="This one is not on its way any more: it was answered or cancelled.",
    classifying=ClassifyingWords(
        what=(
            "Send a text after the command: /classify where is my parcel? Or answer a message with /classify. "
            "Several lines, or a .txt or .csv file with /classify below it, come back as a table. "
            "With a name from the menu you choose for once: /classify NAME: TEXT."
        ),
        choose="How shall I tell texts apart?",
        chosen="From now on I tell texts apart like this: {title}.",
        none="No classifiers have been written here yet.",
        too_many="That is {count} texts, and I take {most} at once. Send them in parts.",
        too_large="The file is too large: I read up to {kilobytes} kB.",
        too_long="That is {count} characters, and I take {most} in a text. Please shorten it.",
        not_text="This file is no text. I read .txt and .csv.",
        odd_encoding="I cannot tell how this file is encoded. Save it as UTF-8 and send it again.",
        empty="There is no text in it.",
        not_fetched="I could not get the file from Telegram. Please send it again.",
        progress="{done} of {total}",
        seconds_left="about {seconds} s left",
        minutes_left="about {minutes} min left",
        done="Texts classified: {done} of {total}.",
        stopped="Stopped. Texts classified: {done} of {total}.",
        broken_off="Broken off. Texts classified: {done} of {total}.",
        refused="Texts that the service did not take: {count}.",
        more_labels="…and {count} more labels",
    ),
    commands={
        "start": "begin",
        "help": "what I can do",
        "new": "forget this dialogue",
        "prompts": "choose who answers",
        "model": "choose the model",
        "stop": "stop the answer",
        "queue": "answers on their way",
        "ask": "ask a question",
        "image": "draw a picture",
        "classify": "tell texts apart",
        "usage": "what it has cost",
        "id": "your id and this chat's",
    },
    failures=Failures(
        unreachable="I cannot reach the language model right now. Please try again in a minute.",
        connection_cut="The connection to the language model broke before the answer was whole.",
        silent_at_first="The language model has not answered in time. Please try again.",
        silent_between="The language model fell silent in the middle of the answer.",
        too_slow="The answer took too long, so I stopped waiting.",
        overloaded="The language model is overloaded right now. Please try again in a minute.",
        quota="The quota of requests to the language model is used up. Please try again a little later.",
        down="The language model does not work right now. Please ask again in a minute.",
        operation_lost="The service has lost this order, so there will be no result. Please ask again.",
        in_doubt=(
            "I was restarted while ordering this and do not know whether the order arrived. Not to pay twice, "
            "I have not repeated it: ask again if you want it."
        ),
        operation_slow="The service has not finished this in time, so I stopped waiting.",
        crowded="Many people are asking, and your turn has not come in time. Please try again a little later.",
        filtered="The language model declined to answer this. Try to put it differently.",
        nothing_new="The model had nothing new to say; the earlier answer stands.",
        credentials="The bot's key to the language model does not work. Its owner has to check it.",
        denied="The bot has no permission to use the language model. Its owner has to check roles and billing.",
        unknown_model="The chosen language model does not exist. The bot's owner has to correct the settings.",
        blind="This model reads text only and cannot see pictures.",
        blind_choice="This model reads text only and cannot see pictures; /model offers one that can.",
        too_long="That is more text than the language model can read. Shorten it, or begin anew with /new.",
        rejected="The language model refused the request. Try to put it differently.",
        photo_lost="I could not get or open a picture of this question. Please send it once more.",
        store="My memory is unavailable right now. Your message is kept; I will answer when it is back.",
        config="There is a mistake in the settings of this prompt. The bot's owner has to correct it.",
        unexpected="Something went wrong on my side, sorry. Please try again.",
    ),
)
