"""What people write to and from the repair workshop. The layout is explained in `stories`."""

STORIES = """
=== Rear brake squeals when it is wet | Squealing disc brake | Brake noise on the {bike} | Terrible noise from the \
back brake
tags: brakes
services: Brakes
estimate: 38.5
times: 6

--- contact
since about two weeks the rear brake of my {bike} screams at every traffic light as soon as it rains. People turn \
around. In dry weather it is quiet. Braking power feels normal to me.

Can I bring it in this week, and roughly what would it cost?
--- or
my {bike} has developed an awful squeal at the back. I cleaned the disc with soapy water, it was gone for two \
days, now it is worse than before. Did I ruin something? I need the bike for work, so the shorter you keep it the \
better.
--- or
quick one: back brake is LOUD. Like, dog-waking loud. {bike}, bought at yours two years ago. When do you have a slot?
--- staff; minutes=5; status=Waiting
That is nearly always oil or washing-up liquid on the pads, so no, you did not ruin anything. Please do not clean \
the disc again, just leave it as it is.

Bring it in on {day} before 10, we look at it the same day. New pads and sanding the disc are 38,50 including \
labour. If the disc itself is worn below 1.5 mm we call before we change it.
--- contact
Perfect, I will drop it off on {day} on my way to the office. The lock key is the small silver one.
--- note; minutes=30
Pads glazed and contaminated, rotor 1.7 mm so it can stay. Piston on the left side moves slowly, cleaned and \
mobilised. Bedded in on the yard, quiet even with the hose on it.
--- staff; minutes=10
Your {bike} is ready and quiet. The pads were soaked with something oily, one piston was sticking, both sorted. \
The disc has some life left, have it measured again in a year.

We are open until 18:30, card or cash. Please brake gently for the first few kilometres.

=== Spongy front brake | Brake lever goes all the way to the bar | Front brake has no bite any more
tags: brakes, safety
services: Brakes, Safety check
estimate: 55
priority: High
times: 4

--- contact
I can pull the front brake lever of my {bike} right to the handlebar. If I pump it two or three times it gets \
harder. I am not riding it like this, so could you collect it? I live in Lindenweg, five minutes from you.
--- or
the front brake on the {bike} feels like pulling on a sponge since we took the wheel out for the car. My partner \
says we pressed the lever without the disc in between. Is that bad?
--- staff; minutes=5
Good that you stopped riding it. That is air in the line, or pistons pushed out too far; both are an hour of work \
at most. Our apprentice passes by in the afternoon with the cargo bike and picks it up if somebody is at home \
after 15:00.
--- contact
Somebody is home from 14:30. Ring at "Hinterhaus". Thank you!!
--- note; minutes=45
Bled front, fluid was black. Reset pistons, new olive on the hose. Also found: headset loose, tightened, no charge.
--- staff; minutes=10
All done. The brake has new fluid and a firm lever again, and we tightened the headset while it was on the stand \
(on the house). A tip for next time: put the plastic spacer between the pads when the wheel is out.

=== Rear wheel wobbles | Hit a kerb, wheel rubs on the brake | Wheel out of true after a pothole | Wobbly wheel, \
{bike}
tags: wheels
services: Wheel truing
spokes: 286
estimate: 29
times: 6

--- contact; file=photo
I hit a pothole on Hafenstrasse in the dark and now the rear wheel of my {bike} rubs once per turn. Two spokes \
feel loose. I attach a photo, although you cannot see much.

Is it safe to ride it to you (4 km, flat)?
--- or
yesterday I rode over a kerb a bit too optimistically. The wheel has a visible wobble now, maybe 5 mm, and I \
opened the brake so that it turns at all. How long does it take to true a wheel? I have a brevet on the weekend 😬
--- staff; minutes=5; status=Waiting
Slowly and with the rim brake open: yes. Please walk the cobbles at the bridge.

Truing is 29 euros if all spokes can stay. Broken ones are 6 euros each including the spoke. You can wait for it \
on {day} between 9 and 11, we keep a stand free for this.
--- contact
great, i'll be there on {day} shortly after nine and bring the good coffee
--- note; minutes=25
3 spokes replaced drive side, 286 mm. Rim has a flat spot of about 1 mm, told the customer: fine for now, not for \
ever.
--- staff; minutes=5
Done while you waited, for the record: three spokes new, wheel true to half a millimetre, tension even. Keep an \
ear on it, if it pings again within two weeks come by and we retension it for free.

=== Gears skip under load | Chain jumps when I pedal hard | Drivetrain noise on the {bike} | Shifting is a lottery
tags: drivetrain
services: Drivetrain
estimate: 124
times: 6

--- contact
when I stand up on the pedals at the lights, the chain jumps over the teeth with a bang. Last time I nearly hit my \
knee on the bar. The bike ({bike}) has about 5,800 km on it and still the first chain, I am ashamed to say.
--- or
could you have a look at my gears please? 3rd and 4th on the cassette slip, everything else works. I put a new \
chain on myself last weekend (watched a video) and since then it is worse!
--- staff; minutes=5; status=Waiting
A new chain on a worn cassette slips, and an old chain wears out both. Chain, cassette and setting up come to \
about 124 euros for your bike; if the chainring is gone too it is 39 more. We measure before we order anything.

Would {day} morning suit you?
--- contact
ok that is less than I feared. {day} is good, I can leave it until the evening of the next day.
--- staff; minutes=10; due=2
We measured: chain 1.2 % stretched, cassette worn on the small sprockets, chainring fine. Parts are here. Shall we \
go ahead for 124 euros?
--- contact
Yes please go ahead 👍
--- note; minutes=50
Chain + cassette fitted, hanger bent 2 mm inwards, straightened. Shift cable frayed at the lever, replaced (4.50, \
included).
--- staff; minutes=10
Ready. Besides chain and cassette your derailleur hanger was bent and the cable was about to break at the lever, \
we replaced it without extra charge. It shifts like new. If you oil the chain every 300 km the next one lasts \
twice as long.

=== Puncture again, third time this month | Flat tyre, same wheel again | Another flat
tags: tyres
services: Puncture
estimate: 24
times: 5

--- contact
third puncture on the same wheel in four weeks. I change the tube, check the tyre with my fingers, find nothing, \
and ten days later it is flat again. Please find out what is wrong with this wheel, I am losing my sense of \
humour.
--- or
the tyre of my {bike} was flat again this morning, in the garage, over night. I pumped it up on Sunday. Slow \
puncture or valve? Can I just leave the wheel with you?
--- staff; minutes=5
Leave the wheel with us, that is even easier. When the hole is always on the inside it is the rim tape, when it is \
always at the same place outside there is a splinter in the tyre that fingers do not find. Do you still have the \
old tubes?
--- contact
yes, two of them. hole is on the INSIDE both times, next to the valve
--- note; minutes=15
Rim tape slipped at the valve hole, edge sharp. New cloth tape, deburred, new tube.
--- staff; minutes=5
As you guessed: the rim tape had moved and the tube rubbed on the edge of the valve hole. New tape, new tube, 24 \
euros, and please keep the old tubes for the kids' swing.

=== Battery drops from 40 % to zero | Range of my e-bike has halved | Error 503, motor stops | E-bike switches off \
on hills | Half the range, {bike} | Battery problem, {bike}
tags: e-bike, battery
services: E-bike diagnosis
estimate: 45
priority: High
times: 6

--- contact
my e-bike battery shows 40 % and then, on the hill to the hospital, everything goes dark. After a minute I can \
switch it on again and it says 38 %. This has happened four times now, always when it is cold. Bike is a {bike}, \
battery about three and a half years old.
--- or
The range has gone from 70 km to maybe 35 since last year. I always charge to 100 % and keep the bike in an \
unheated shed. Is the battery finished? A new one costs as much as my first car.
--- or
Display says error 503 and then the motor stops helping. Sometimes restarting cures it for a day or so. I would \
like to have it checked before the warranty ends on the 30th.
--- staff; minutes=10; status=Waiting
Please bring the battery, the charger and the key. We put it on the tester over night: it counts the real capacity \
and reads the error memory. 45 euros, which we take off if you need a new battery afterwards.

Until then: charge it indoors at room temperature, and do not ride it below 30 %.
--- contact
Thanks for the quick answer. I will bring it tomorrow after work. Serial number is on a sticker at the bottom, is \
that what you need for the warranty?
--- note; minutes=20; file=log; wait=1
Capacity test: 61 % of nominal after 412 cycles, one cell group 0.11 V below the others. Report attached. Within \
warranty (2 years from the last exchange), claim sent to the maker.
--- staff; minutes=10; status=Waiting; file=log
The test is finished, the report is attached. Your battery has 61 % of its capacity and one weak cell group, which \
is why it switches off under load. This is covered, so we have sent the claim to the manufacturer. They usually \
answer within a week.

You can have a loan battery until then, just ask at the counter.
--- contact
A loan battery would be wonderful!! I will pick it up tomorrow.
--- staff; minutes=15; wait=3
Good news: the manufacturer replaces the battery free of charge. It is here, charged, and paired with your bike. \
Please bring the loan battery back when you pick it up.

=== Appointment for a service | Yearly service | Inspection before the season | Service appointment for {bike}
tags: service
services: Tune-up, Safety check
estimate: 89
times: 11

--- contact
I would like an appointment for the annual service of my {bike}. Nothing special is wrong with it, the bell could \
be louder. Any day from {day} on is fine, I can leave it with you for two days.
--- or
it is that time of the year... please put me down for the big service. Last year you wrote that the bottom bracket \
would not last for ever, so maybe have a look at that as well.
--- or
Could you please tell me what the inspection includes and what it costs? I bought the {bike} at your shop, and I \
believe the first one is free?
--- staff; minutes=5; due=5; status=Waiting
You have a place on {day}, bring it between 8 and 10. The service is 89 euros and covers brakes, gears, bearings, \
wheels, screws with the torque wrench, lights and a wash. Wear parts are extra, and nothing above 30 euros without \
asking you first.
--- contact
Booked in my calendar, thank you.
--- or
Lovely. Can I borrow a bike for the day?
--- staff; minutes=5
It is in the book. If you need a loan bike, we have two city bikes, first come first served.
--- note; minutes=70; wait=4
Full service. Brake pads rear 60 %, front 40 %. Bottom bracket has a little play, still within limits, next \
service. Torque list complete.
--- staff; minutes=10
Your bike is finished and clean as a whistle. The bottom bracket has slight play that does no harm yet. Everything \
else is fine, the checklist hangs on the handlebar.

=== Creaking that nobody can find | Mysterious creak | Creaking from the bottom bracket
tags: drivetrain
services: Drivetrain, Safety check
estimate: 60
times: 4

--- contact
my {bike} creaks. Only when I sit, only in the big chainring, never on the stand of course. Friends have blamed \
the bottom bracket, the pedals, the saddle and my knees. Would you take up the challenge?
--- or
there is a creak at each pedal stroke on the left. I swapped the pedals with another bike, still there. It drives \
me mad.
--- staff; minutes=5
Challenge accepted. We go through it from the cheap end to the expensive end: seatpost, saddle rails, pedals, \
chainring bolts, bottom bracket. We stop as soon as it is quiet and charge what we used, at most 60 euros.
--- note; minutes=40
Not BB. Not pedals. Seatpost clamp dry, seat rails dry, quiet after grease... test ride by Priya: still there \
under load. Found it: crack in the chainring bolt no. 3!
--- staff; minutes=10; wait=2
Found after 40 minutes of detective work: one of the five chainring bolts was cracked. All five are new now, and \
the seatpost got grease as a bonus. Silence!
--- contact
I cannot believe it was a two euro bolt. Thank you, you are heroes 🚲🎉
--- staff; minutes=2
The best kind of repair. Enjoy the silence.

=== Kid's bike needs smaller gears | Gearing for my daughter's bike | 20 inch bike, hill too steep
tags: kids
services: Drivetrain
estimate: 32
times: 2

--- contact
my daughter (7) has to push her 20" bike up the last part of the way to school. Can you fit an easier gear? She \
has six gears now and says she "needs a zeroth one".
--- staff; minutes=5; due=4
A zeroth gear is exactly the right request. We can change the freewheel from 14-28 to 14-34, that makes the \
easiest gear about 20 % easier. 32 euros with everything, and it takes an hour.
--- contact
She is delighted. We come on {day} after school.
--- staff; minutes=35; wait=3
Fitted and test-ridden by the customer herself, who approves. 😀

=== Fork loses air | Suspension fork sinks | Fork service overdue, {bike}
tags: suspension
services: Suspension
estimate: 135
times: 4

--- contact
the fork of my {bike} is at 90 psi on Saturday and at 60 the weekend after. There is also a ring of oil on the \
stanchions. It never had a service, 3 seasons. What do I have to expect?
--- staff; minutes=5; status=Waiting; due=9
Oil ring and lost air mean the seals are done. A full service with new seals, wipers and oil is 135 euros. We have \
the kit for most models here, but send us the number that is engraved on the back of the crown, please.
--- contact; file=photo
it says 18-BF7K-2. picture attached, hope that is the one
--- staff; minutes=10
That is the right number. The kit is on its way and will be here in about a week, we write when you can bring the \
bike.
--- note; minutes=75; wait=8
Stanchions OK, bushings OK. Seals, wipers, foam rings, damper oil. Holds 85 psi for 48 h.
--- staff; minutes=5
Your fork holds its air again (tested for two days) and is as plush as it gets. Set the sag to 25 %, about 80 psi \
for your weight.

=== Broken spoke on tour, can you help today? | Emergency: spoke broken, on the way to the coast | Touring cyclist \
needs help TODAY
tags: wheels, urgent
services: Wheel truing
spokes: 292
estimate: 35
priority: Urgent
times: 3

--- contact
we are two cyclists on the way to the coast, 40 km from you, and a spoke on my rear wheel (drive side, naturally) \
just broke. We could be at your shop around four. Is there any chance you can fix it today? We have a tent booked \
for tonight.
--- staff; minutes=2; priority=Urgent
Come by, we do touring emergencies between the other jobs. Ring the bell at the yard if the shop is full. Do you \
know how many spokes the wheel has?
--- contact
36, three cross. You are wonderful!
--- note; minutes=30
292 mm drive side. Two more were loose. Gave them two spare spokes to take along, taped to the chainstay.
--- staff; minutes=3
Good journey! Two spare spokes are taped to your chainstay, you will find somebody to fit them anywhere. Send us a \
card.
--- contact; wait=2
We made it to the sea!!! 🌊 The wheel held. Card is in the mail.
--- staff; minutes=1; status=Closed
It hangs above the truing stand now.

=== Please collect three delivery bikes | Fleet service, 3 bikes | Monthly fleet check
from: fleet
tags: fleet
services: Tune-up, Brakes, Safety check
estimate: 267
times: 5

--- contact; file=list
three of our bikes are due for service, list attached. Number 4 has a loose mudguard as well. They stand in the \
yard, the gate is open from 6:30 to 16:00. We need at least one of them back before the weekend.
--- or; file=list
please find attached the list of this month's bikes with the kilometres. As always we would like to have them back \
two at a time so that deliveries go on. Bike 7 was in a small accident, please check the fork with special care.
--- staff; minutes=10; due=4
Thank you for the list. We collect them tomorrow morning at 7 and bring the first one back in the evening. The \
price per bike is the one from your contract, parts extra.
--- note; minutes=120; file=photo
Bike 4: mudguard stay broken, replaced. Bike 7: fork straight, wheel out of true. Pads on all of them worn, riders \
brake with one finger on the brake all day.
--- staff; minutes=15
All three are back in your yard. Pads are new everywhere, the mudguard of number 4 is fixed, number 7's fork is \
fine (we measured it), its front wheel is true again. The invoice comes at the end of the month.
--- contact
Thank you, drivers are happy. See you next month.
--- staff; minutes=1
See you next month!

=== Cargo bike: steering feels heavy | Steering rod of the cargo bike has play
from: fleet
tags: fleet, cargo
services: Safety check
estimate: 74
priority: High
times: 3

--- contact
our cargo bike does not steer straight any more, you have to correct all the time. Our driver says it got worse \
within a week. It carries up to 80 kg of parcels, so we took it off the road.
--- staff; minutes=5; due=1
Right decision. Most likely a ball joint of the steering rod, we have those in stock. We can come to you with the \
service van tomorrow at 8, so nobody needs to move it.
--- note; minutes=50
Both rod ends worn, replaced and secured with thread lock. Headset bearing lower dry. Test ride with 60 kg of \
sandbags OK.
--- staff; minutes=10
Fixed on your yard: both rod ends are new, the lower bearing is greased. Please have somebody check the play once \
a month: turn the wheel left and right while holding the bar. There should be no delay.

=== Numb hands and a sore back | Saddle hurts | Bike fitting? | The saddle and I
tags: fitting
services: Safety check
estimate: 0
times: 4

--- contact
after 20 to 30 km on my {bike} my hands go numb and my lower back complains. I am 1.84 m and the frame is a 56. Is \
the frame too big, or am I too stiff? Do you offer fittings?
--- or
I bought the saddle you recommended and gave it 400 km, but we are not becoming friends. Can I exchange it for the \
wider one?
--- staff; minutes=10; status=Waiting
Come by for half an hour with your shoes and your normal trousers. We start with saddle height, setback and the \
reach to the bar, that costs nothing and solves three quarters of all complaints. If you need a different stem or \
saddle you only pay the part, and saddles can be tried for two weeks.
--- contact
That sounds fair. I can do {day} after 5 pm.
--- note; minutes=30; wait=3
Saddle 14 mm up, 8 mm back, stem 110 → 90 from the box of used ones. Much better.
--- staff; minutes=5
Saddle higher, stem shorter. Ride it for two weeks and tell us how your hands feel; the used stem is a present.
--- contact; wait=12
100 km later: no numb hands at all. Should have come two years ago.
--- or
100 km later: the saddle and I are friends now. Who would have thought!
--- staff; minutes=1; status=Closed
Wonderful. Have fun out there!

=== Lights stopped working | Dynamo light flickers | No front light, {bike}
tags: lights
services: Safety check
estimate: 33
times: 4

--- contact
front light of my {bike} has been flickering for a while, now it is dead. Rear light works. It is hub dynamo. I \
ride home in the dark so I would be glad about a fast solution.
--- staff; minutes=5
If the rear light works, dynamo and cable are fine up to the headlight. Nine times out of ten it is the plug \
behind the lamp. Come in without an appointment, we look at it while you wait.
--- note; minutes=15
Plug corroded, renewed both. Lamp itself OK.
--- staff; minutes=5
It was the plug, as expected. New connectors, contact grease, 12 euros, let there be light.

=== Is my frame cracked? | Crack in the carbon? Please look | Strange line on the down tube
tags: frame, safety
services: Safety check
estimate: 0
priority: High
times: 3

--- contact; file=photo
I noticed a fine line on the down tube of my {bike} near the bottle cage. I can feel it with my fingernail. Photo \
attached. Paint or crack? I am honestly afraid to ride it.
--- staff; minutes=10; status=Waiting
From the photo it could be either. Please do not ride it until we have seen it. We can test it with the ultrasound \
pen, takes ten minutes, costs nothing for bikes that we sold.
--- contact
Bringing it on foot on {day}. Fingers crossed.
--- note; minutes=20; file=photo; wait=4
Lacquer only. Tap test and ultrasound clean over 30 cm. Documented with a photo in case it grows.
--- staff; minutes=5
Good news first: only the clear coat is cracked, the carbon beneath is sound. We took a picture with a scale, so \
if the line ever grows we can compare. Ride on.

=== Rust film on the chain after three days | Wax or oil? | How do I look after the chain in winter?
tags: advice, drivetrain
services: Tune-up
times: 2
estimate: 0

--- contact
three days after the service there was a film of rust on the chain. I ride every day, whatever the weather, and \
park outside. Was the chain not oiled, or am I doing something wrong?
--- staff; minutes=5
Both a little: we oil thinly because most people want it clean, and salt water eats that in a day. For your use \
take a thicker wet lube and put it on once a week, wipe after ten minutes. Come by and we give you a sample \
bottle.
--- contact
Oh, that is kind. Will do.
--- staff; minutes=1
It waits at the counter under your name.

=== Wrong pedals mounted? | Left pedal came off!
tags: warranty, safety
services: Safety check
estimate: 0
priority: Urgent
times: 2

--- contact
two days after I collected the bike from you the left pedal came off while riding. I did not fall, but I could \
have. The thread in the crank is destroyed. I expect that you repair this at your cost, and I would like to know \
how it can happen.
--- note; minutes=10
Emil fitted these, torque list has no tick for the pedals. New crank arm is in stock. Jonas calls the customer \
himself.
--- staff; minutes=15; priority=Urgent
I have just tried to call you. This is our mistake: the left pedal was not tightened to torque, and I apologise. \
We replace the crank arm and both pedals at once and at our cost, collect the bike wherever it is, and lend you \
one until then.

From today on a second person signs the torque list.
--- contact
Thank you for saying it straight. You can collect it from my workplace, Kanalstrasse 8, reception.
--- staff; minutes=40
Your bike is back at the reception with a new crank and pedals, checked by two of us. A voucher for the next \
service is in the saddle bag.

=== Hinterrad eiert, Termin? | Acht im Hinterrad
from: de
tags: laufrad
services: Wheel truing
spokes: 284
estimate: 29
times: 2

--- contact
seit gestern hat mein Hinterrad eine kräftige Acht, ich bin wohl durch ein Schlagloch gefahren. Das Rad schleift \
an der Bremse. Kann ich morgen vor der Arbeit vorbeikommen? Ab 7:30 Uhr wäre ideal.
--- staff; minutes=5
Morgen ab 8 Uhr ist jemand in der Werkstatt, dann können Sie darauf warten. Zentrieren kostet 29 Euro, gebrochene \
Speichen je 6 Euro mit Einbau.
--- contact
Super, bis morgen! Ich bringe Brezeln mit 🥨
--- staff; minutes=30
Erledigt: zwei Speichen neu, Rad läuft wieder rund. Und danke für die Brezeln!

=== Akku lädt nicht mehr | Ladegerät blinkt rot, Akku bleibt leer
from: de
tags: e-bike, battery
services: E-bike diagnosis
estimate: 45
priority: High
times: 2

--- contact
das Ladegerät blinkt nur noch rot und der Akku bleibt bei 12 %. Eine andere Steckdose habe ich schon probiert. \
Garantie müsste noch bis Jahresende laufen. Was soll ich mitbringen?
--- staff; minutes=5; status=Waiting
Bitte Akku, Ladegerät und Kaufbeleg mitbringen. Oft ist es nur der Temperaturfühler im Ladegerät. Wir haben ein \
Testgerät hier und wissen es nach zehn Minuten.
--- contact
Komme am Samstag gegen elf.
--- note; minutes=10
Ladegerät defekt, Akku gut (94 %). Garantie, Tausch aus Lagerbestand.
--- staff; minutes=5
Es war das Ladegerät. Das neue lag schon bereit, die Garantie übernimmt alles. Gute Fahrt!

=== Freins à revoir avant les vacances | Révision avant le départ
from: fr
tags: freins
services: Brakes, Tune-up
estimate: 96
times: 2

--- contact
nous partons dans dix jours pour trois semaines à vélo avec les enfants. Pourriez-vous vérifier les freins et la \
transmission de deux vélos ? Le levier arrière du mien est devenu très mou.
--- staff; minutes=5; due=6
Avec plaisir. Déposez les deux vélos mardi matin, ils seront prêts jeudi. Comptez 96 euros par vélo hors pièces, \
et nous vous appelons avant tout changement.
--- contact
C'est parfait, merci beaucoup. Mardi 9 h alors.
--- note; minutes=80; wait=4
Purge AR, plaquettes AV et AR, câble de dérailleur. Deuxième vélo: rien à signaler.
--- staff; minutes=5
Les deux vélos sont prêts. Freins purgés, plaquettes neuves, tout le reste est en bon état. Bonnes vacances !

=== ブレーキの調整をお願いします
from: ja
tags: brakes
services: Brakes
estimate: 20
times: 1

--- contact
いつもお世話になっております。後ろのブレーキの効きが弱くなってきました。今週の土曜日に調整をお願いすることはできますか。

日本語で失礼します。英語でのお返事で大丈夫です。
--- staff; minutes=10
Dear Ms Hayashi, Saturday at 10:00 is reserved for you. Adjusting the brake takes 20 minutes and costs 20 euros; \
you are welcome to wait and have a cup of tea. ありがとうございます!
--- contact
Thank you very much! 土曜日の10時に伺います 🙏
--- staff; minutes=20
It was a pleasure. The cable was stretched, the pads are still good for a year.
"""
