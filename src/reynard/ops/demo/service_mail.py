"""What people write to and from customer service: orders, leasing, advice, complaints. See `stories`."""

STORIES = """
=== Where is my order {order}? | Order {order} still not here | Delivery date for {order}
tags: order
topic: Order
times: 10

--- contact
I ordered a {bike} on the 3rd, order number {order}, and the confirmation said "about two weeks". Those two weeks \
are over. Can you tell me when it will be here? No drama, I just have to plan.
--- or
any news about {order}? The parcel service says "label created" for eight days now.
--- or
I have been waiting for {order} (panniers and a pump) since last week and nobody answers the phone at lunchtime. \
Where is it?
--- staff; status=Waiting
I have just called the carrier: your parcel was scanned in Hanover this night and should be out for delivery on \
{day}. I keep this open until you have it in your hands.
--- contact; wait=2
It came this morning, all complete. Thanks for looking after it!
--- staff
Lovely, then I close this. Have fun with it.

=== Wrong size delivered | I received the wrong helmet | Not what I ordered ({order})
tags: order, return
topic: Order
times: 4

--- contact; file=photo
the helmet arrived today, but it is a size L and I ordered M (see photo of the label and of the order). The box \
was opened only once. What now?
--- staff
I am sorry about that, we picked it from the wrong shelf. A size M left the house ten minutes ago, and the return \
label for the other one is on its way to you by mail. There is no hurry with the return.
--- note
Shelf labels of M and L are swapped! Tomasz, can you fix that today?
--- contact
That was quick. M fits perfectly. L is already at the post office.
--- staff; wait=4
Thank you, the return has arrived too. Your shipping costs are refunded.

=== Leasing through my employer | Lease offer for {bike} | Company bike leasing, how does it work? | Offer for {bike}
amount: 2390-4990
tags: leasing
topic: Lease
partner: Pedalio
times: 7

--- contact
my employer now offers bike leasing through Pedalio. I have my eye on the {bike} in your window. How does it work \
exactly, who signs what, and is the service package worth it?
--- or
could you send me an offer for the {bike} with a lock and a rear bag, for leasing? I have to upload it in the \
Pedalio portal as a PDF before the end of the month.
--- staff
<p>It is easier than it sounds:</p><ol><li>You test-ride and choose the bike, we write the offer.</li><li>You \
upload the offer in the portal and your employer approves it (two or three working days).</li><li>We hand over the \
bike, you scan a code. That is all.</li></ol><p>The <b>service package</b> is worth it if you ride more than \
2,000&nbsp;km a year. The offer for the {bike} over <b>{amount}&nbsp;EUR</b> is in a separate mail.</p>
--- contact
Wow, clear, thank you. I uploaded it, now I wait for our HR department.
--- note
Offer valid for 30 days, bike has a "reserved" sign.
--- staff; status=Waiting
I have put a "reserved" sign on it. Tell me when HR has approved and we make an appointment for the handover.
--- contact; wait=4
APPROVED! 🎉 When can I come?
--- staff
Congratulations! {day} at 16:30? Plan 40 minutes for the handover, we set everything up for you.

=== Lease ends next month, what are my options? | End of leasing contract | Buy my leased bike?
tags: leasing
topic: Lease
partner: GreenMiles
times: 4

--- contact
my GreenMiles contract ends next month after three years. I would like to keep the bike. Do I buy it from you or \
from them, and what is it worth?
--- staff; status=Waiting
They make you an offer by mail about four weeks before the end, usually 15 to 18 percent of the list price. You \
can buy it directly from them. If you do not want it, bring it to us and we send it back, with a protocol of its \
condition.

Shall we check it before you decide? A battery test tells you whether the price is a good one.
--- contact
Good idea. They ask for {amount} euros. I will come by for the test.
--- staff; wait=3
Battery is at 88 percent, chain and brakes are fine. For that price we would take it ourselves. Buy it!

=== Which bike for 15 km to work? | Which e-bike can I try? | Gravel or trekking bike? | Need help choosing an e-bike
tags: advice
topic: Advice
times: 6

--- contact
I want to stop driving to work. 15 km each way, half of it on a gravel path by the canal, one nasty hill at the \
end, and I carry a laptop. Budget up to 2,000. Gravel or trekking bike? Everybody tells me something different.
--- or
my husband says an e-bike is cheating. I say it is how I get over the Galgenberg with two bags of shopping. Which \
ones can I try out? I am 1.62 m.
--- staff
Those are my favourite questions. Come for a test ride on {day}, we have two candidates in your size. Bring the \
bag you normally carry and half an hour of time, it makes more difference than all the tables in the magazines.
--- or
Your husband should come along: we have two, and the hill behind our yard settles every discussion. {day} at \
17:00? And for the record: it is not cheating.
--- contact; wait=2
Came, rode, loved it. The second one! I only need to sleep over it for a night.
--- staff; status=Waiting
I keep it for you until {day}. Sleep well.
--- contact
Slept. I take it. In green please.
--- staff
Green it is, order {order}. I write when it is set up.

=== Test ride on Saturday? | Can I test the {bike}?
tags: advice, appointment
topic: Advice
times: 5

--- contact
is the {bike} in your window ready for a test ride, and would Saturday morning be possible? I am 1.78 m, in case \
you have more than one size.
--- staff; due=4
Saturday at 10:30, size M is ready for you. Please bring an ID card, and pedals if you ride clipless.
--- contact
See you on Saturday!
--- staff; wait=5
Thank you for coming. As promised the link to the colours is on our page, and the offer holds for two weeks.

=== Complaint about the waiting time | Not happy | Disappointed with the service
tags: complaint
topic: Complaint
priority: High
times: 4

--- contact
I was told that my bike would be ready on Friday. On Friday I was told Monday. On Monday nobody knew where it was. \
I have been a customer for eleven years and I have never seen such a mess at your place. What is going on?
--- note
He is right. Bike was ready on Friday but hung in the cellar without a tag. Amara, do you want to answer this \
yourself?
--- staff; assign=Amara; priority=High
You are right and I have no excuse: your bike was ready in time and hung in the wrong room without a tag. I am the \
owner, and I am sorry. The repair is free of charge, and I would like to bring the bike to your door this evening \
if you are at home.
--- contact
That I did not expect. I am home from 18:00.
--- note
Delivered. We talked for half an hour, all good. New rule: no bike leaves the stand without a tag.
--- staff
Thank you for your patience and for the talk at the garden fence. See you at the next service.

=== Click & collect: not ready? | Reserved item {order} | Pick-up of {order}
tags: order
topic: Order
times: 4

--- contact
I got a message that {order} is ready for pick-up, but at the counter they could not find it. Am I too early?
--- staff
Our fault, the message went out when it was packed, not when it was on the shelf. It lies at the counter with your \
name on it now, and there is a bar of chocolate in the bag.
--- contact
😂 chocolate accepted.
--- staff
Case closed, then!

=== Child trailer: rent for a weekend? | Rent a cargo bike | Is the child trailer free? | Cargo bike for moving house
tags: rental
topic: Advice
times: 5

--- contact
do you still rent out the child trailer, and is it free on the weekend after next? We have visitors with a \
two-year-old. What about insurance?
--- or
we are moving house on the 14th and would love to do it by bike. Is the big cargo bike free for that Saturday? How \
heavy may the load be?
--- staff; due=8
It is free and I have written your name into the calendar. One day is 35 euros, the weekend 60, insurance \
included, with 200 euros deposit. Pick up on Friday after 17:00.
--- contact
Super. I will pay when I pick it up.
--- staff; wait=9
Back in one piece and even cleaned, thank you! Your deposit is on its way.

=== Invoice for my tax return | Please send me the invoice again | Copy of invoice {invoice}
tags: invoice
topic: Invoice
times: 6

--- contact
for my tax return I need the invoice of my {bike} again ({invoice}). I cannot find the paper anywhere. PDF is fine.
--- staff; file=invoice
No problem, here it is as a file. It says "copy", the tax office accepts that.
--- contact
Thank you, you just saved my Sunday.
--- or
Got it, thanks.
--- staff
Glad to hear it.

=== Gift voucher | Voucher for a birthday, needed by Friday
amount: 30-150
tags: voucher
topic: Order
times: 4

--- contact
can I buy a gift voucher over {amount} euros by bank transfer? The birthday is on Friday, so I would need it by \
mail. If it could look a little bit nice that would be great.
--- staff
Of course. You get a PDF to print as soon as the money is here; with an instant transfer that is a matter of \
minutes. Which name should be on it?
--- contact
"Für Matilda, die Schnellste". Transferred just now.
--- staff; file=photo
Here it is, with a drawing by our apprentice. Happy birthday to Matilda!

=== Stolen bike - frame number? | My bike was stolen, I need papers
tags: theft, insurance
topic: Invoice
priority: High
times: 3

--- contact
my {bike} was stolen last night from the station, the lock was cut. The police want the frame number and the \
insurance wants the invoice, and I have neither. Do you have them? Bought at your shop in spring two years ago.
--- staff; priority=High; file=invoice
I am so sorry. We keep all of it: the copy of the invoice is attached and the frame number stands on it in the \
second line. I have also put the bike on our "wanted" list; the other shops in town look at that before they buy \
anything.
--- contact
Thank you so much, I have sent everything on. If you hear something...
--- note
Listed. Told Jonas and Priya what to look out for: blue tape on the bar, bell with a fox.
--- staff; status=Waiting
We keep our eyes open. Do you need a bike in the meantime? The old green city bike is yours for two weeks.
--- contact; wait=6
You won't believe it: the police found it! Lock gone, light gone, bike fine.
--- staff
What wonderful news! Bring it by, we look over it for free and you get a good price for a better lock.

=== Group ride: do you sponsor? | Sponsoring our club race
from: club
tags: club
topic: Advice
times: 3

--- contact
the club organises its big ride again, about 120 riders, and last year you ran the repair stand. Could we count on \
you once more? The date would be the second Sunday. There is soup!
--- staff; assign=Amara
With pleasure, and not only because of the soup. We bring two stands, a compressor and a box of tubes. Please put \
us close to the start this time.
--- contact
Done, you are right next to the timing tent. T-shirt sizes?
--- staff
Two L, one S, one XXL for Jonas. See you there!

=== Password for the customer portal | Cannot log in to the portal
tags: portal
topic: Advice
priority: Low
times: 3

--- contact
I cannot log in to your portal any more. It says "unknown address", but this is the only address I have. I want to \
see the service history of my bike.
--- staff
You wrote to us from another address before, and the account belongs to that one. I have changed it to the one you \
use now. Please try once more.
--- contact
works now 👍
--- staff
Great!

=== Feedback | Just wanted to say thank you
tags: praise
priority: Low
topic: Advice
times: 3

--- contact
no problem today, I only want to say thank you. Priya explained my gears to me for the first time in twenty years \
so that I understood them. That was worth more than the repair. 🌟🌟🌟🌟🌟
--- note
Printed and pinned to the board in the kitchen.
--- staff
Thank you, this made our day and hangs in our kitchen now.

=== Lange Geschichte: mein Lastenrad, drei Händler und ich
age: 2
from: Wiebke Thomsen
tags: e-bike, complaint
topic: Complaint
priority: High
times: 1

--- contact; file=photo
{long}
--- note
Bitte ganz lesen, bevor jemand antwortet. Zusammengefasst: gebraucht gekauft, zwei Werkstätten haben abgelehnt, \
sie möchte wissen, ob wir es uns ansehen.
--- staff; assign=Jonas; status=Waiting
Vielen Dank für die ausführliche Schilderung, ich habe sie zweimal gelesen. Ja, wir sehen uns das Rad an, obwohl \
Sie es nicht bei uns gekauft haben. Eine Fehlersuche kostet 45 Euro, danach wissen wir, was es braucht und ob es \
sich lohnt. Am Donnerstag hole ich es mit dem Anhänger ab.
--- contact
Ich könnte weinen vor Erleichterung. Donnerstag passt, ich bin den ganzen Tag zu Hause.

=== Lieferzeit Kinderrad? | Wann kommt das Kinderrad?
from: de
tags: order, kids
topic: Order
times: 2

--- contact
wir haben Anfang des Monats das rote 16-Zoll-Rad bestellt. Der Geburtstag ist am Wochenende in zwei Wochen. \
Schaffen Sie das? Unsere Tochter zählt schon die Tage.
--- staff; due=9
Das Rad ist heute angekommen und wird morgen aufgebaut. Wir verstecken es gern bis zum Geburtstag im Keller.
--- contact
Sie sind die Besten! Wir holen es am Abend vorher ab.
--- staff; wait=10
Abgeholt, mit Schleife. Alles Gute dem Geburtstagskind 🎂

=== Rechnung auf die Firma umschreiben
from: de
tags: invoice
topic: Invoice
times: 2

--- contact
die Rechnung {invoice} lautet auf meinen Namen, ich brauche sie aber auf die Firma mit Umsatzsteuer-ID. Geht das \
im Nachhinein noch?
--- staff; file=invoice
Das geht. Die korrigierte Rechnung hängt an, die alte ist storniert. Bitte nur noch die neue verwenden.
--- contact
Bestens, danke für die schnelle Erledigung.
--- staff
Gern geschehen.

=== Location de vélos pour six personnes | Louer des vélos pour un week-end
from: fr
tags: rental
topic: Advice
times: 2

--- contact
nous serons six adultes et aimerions louer des vélos pour le long week-end. Est-ce que vous livrez à l'hôtel ? \
Deux d'entre nous préfèrent un vélo électrique.
--- staff; due=10
Oui, nous livrons gratuitement dans la ville. Six vélos pour trois jours, dont deux électriques : 318 euros avec \
casques et antivols. Je vous les réserve ?
--- contact
Oui, volontiers ! Nous arrivons le vendredi vers midi.
--- staff
C'est noté. Les vélos vous attendront dans la cour de l'hôtel.

=== 自転車のサイズについて
from: ja
tags: advice
topic: Advice
times: 1

--- contact
身長158cmですが、展示されている水色のシティバイクは私に合うでしょうか。試乗はできますか。😊
--- staff
Yes, the light blue one comes in a 45 cm frame, which fits from 152 cm. You are welcome to try it any day between \
10 and 18, no appointment needed.
--- contact
ありがとうございます。明日行きます!

=== Call back: asks about a tricycle | Phone: puncture on the tricycle | Phone: basket for the tricycle
from: phone
tags: phone
topic: Advice
times: 3

--- contact
(Taken by phone at the counter.) Mr Krause has no e-mail. He looks for a tricycle with a low step for his wife, \
who had a stroke, and asks whether we can come to the house to measure.
--- or
(Taken by phone.) Mr Krause: the left rear tyre of the tricycle is flat. He cannot bring it. His wife wants to go \
to the market on {day}.
--- or
(Message on the answering machine.) Mr Krause asks for a bigger basket, the market goes so well. Width between the \
wheels is 62 cm, he has measured it twice.
--- note
He prefers calls after 16:00. Speak slowly and clearly.
--- staff
Called him: Priya comes on {day} at 16:30 with the measuring tape and two catalogues. He was very happy.
--- or
Called him: Jonas passes by on {day} at 8 and changes the tube in the hallway. Mrs Krause will be at the market in \
time.
--- or
Called him: the big wicker one fits, 38 euros, we bring it along on {day}.
"""

LONG_STORY = """\
ich hole etwas aus, bitte haben Sie Geduld mit mir. Vor vier Jahren habe ich von einer Nachbarin ein gebrauchtes \
Lastenrad gekauft, mit Elektroantrieb, zwei Sitzbänken und einem Regenverdeck, das damals schon geflickt war. Das \
Rad hat uns durch die ganze Kindergartenzeit getragen: im Sommer mit drei Kindern und einem Schlauchboot, im \
Winter mit Wärmflasche und Decke. Es hat Umzugskartons gefahren, einen Weihnachtsbaum von zwei Metern achtzig und \
einmal, fragen Sie nicht, eine Waschmaschine.

Im letzten Herbst fing es an. Zuerst ging die Anzeige aus, wenn ich über den Bordstein fuhr, und kam nach ein paar \
Metern wieder. Dann half der Motor nur noch in der höchsten Stufe. Im November blieb ich mitten auf der \
Kanalbrücke stehen, mit zwei weinenden Kindern und einem Kontrabass (der gehört meinem Mann), und musste schieben.

Die erste Werkstatt hat das Rad eine Woche behalten, ein neues Kabel eingebaut und 140 Euro berechnet. Es ging \
genau bis zur nächsten Ampel gut. Die zweite Werkstatt sagte mir nach einem Blick auf den Rahmen, dass sie "solche \
Räder grundsätzlich nicht" annehme. Auf meine Frage, was denn solche Räder seien, bekam ich keine Antwort. Der \
dritte Händler wollte mir lieber ein neues für 6.900 Euro verkaufen. Er war freundlich, das will ich sagen, aber \
so viel Geld habe ich nicht.

Was ich inzwischen selbst herausgefunden habe, in der Reihenfolge, in der ich es aufgeschrieben habe:

1. Bei Regen ist es schlimmer, nach einer Nacht in der warmen Küche (das Rad passt gerade so hinein) ist einen Tag \
lang Ruhe.
2. Wenn ich am Stecker unter der Bank wackle, geht die Anzeige manchmal wieder an. Der Stecker hat einen grünen \
Belag. Ein Bild davon hängt an.
3. Der Akku zeigt voll geladen 41,2 Volt, gemessen von meinem Schwager, der Elektriker ist, aber mit Häusern.
4. Es knackt rechts, wenn ich nach links lenke. Das knackt aber schon immer und stört mich nicht.
5. Die Bremsen sind gut. Die hat mein Schwager nicht angefasst.

Ich habe alle Rechnungen aufgehoben, auch die der Nachbarin von damals, und die Anleitung auf Niederländisch. Ich \
würde das Rad bringen, aber es fährt ja nicht, und durch die Unterführung am Bahnhof komme ich damit allein nicht \
hoch. Unter der Woche bin ich vormittags zu Hause, außer dienstags.

Meine Fragen an Sie sind eigentlich nur diese: Würden Sie sich das Rad ansehen, obwohl ich es nicht bei Ihnen \
gekauft habe? Können Sie mir vorher sagen, was die Suche kostet, auch wenn Sie nichts finden? Und wenn es sich \
nicht mehr lohnt: würden Sie mir das ehrlich sagen? Ich kann es vertragen. Die Kinder vielleicht nicht, die haben \
dem Rad einen Namen gegeben. Es heißt Ottokar.

Bitte entschuldigen Sie die Länge. Es tat gut, das einmal aufzuschreiben."""
