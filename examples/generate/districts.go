package main

// The nine districts, by the default reading and with everything known by the
// end of April 2024:
//
//	1  jixian     159    strong all round; 18.6 % growth
//	2  youyi      139.4  far ahead in signings and first in March, yet three
//	                     reserve projects short; its growth of 16.2 % is
//	                     corrected to exactly 15 %
//	3  jianshan   130.2  slow until March; a ≥10 亿 signing without a target for
//	                     one, none in 5–10 亿 (fills_lower changes that)
//	4  jingkaiqu  122.5  many foreign leads, few signings; its growth of 17.04 %
//	                     is printed as 17.0
//	5  raohe      119    reports late: last from December to February, sixth in
//	                     March; 114 by the cutoff 2024-03-31
//	6  baoqing    94.6   first in December and January, then a ≥10 亿 contract
//	                     is withdrawn and growth stays at 13.5 %
//	6  baoshan    94.6   level with baoqing by plain work, with 12.6 % growth
//	8  lingdong   87     two outings were door visits; starts and signings short
//	9  sifangtai  33.5   short nearly everywhere; −8.9 % growth
//
// The last three are four, because of the tie: 6, 6, 8 and 9.
var districts = []unit{
	{"jixian", 5, 200, 0, 0, `
rp 12-04..12-29 x15
rp 01-11..02-22 x3               # after the first phase: lost under phase_window=phase
rp 12-20 companies=4             # one company too few
rp 12-27 companies=dup           # five names, two of them alike
rp 12-06 rec=-                   # never recognised
dl 12-07 pursued=12-21 by=main_leader
dl 12-19 pursued=01-17 by=city_leader
dl 01-09..02-27 x2
dl 01-22 no=amount_yi            # no amount: not eligible
fl 12-22 usd=200                 # exactly the least amount of a county
fl 02-05
fl 01-15 usd=199.5               # just below it
ou 12-08..03-22 x12
ou 03-06 form=door_visit         # 上门招商: does not count
sp 12-26 amount=10 started=02-21 stat=03-12 @jx-a  # exactly 10 亿; start bonus 10
sp 02-28 amount=12.6
sp 01-16 amount=5.0              # exactly 5 亿
sp 03-05 amount=7.35
sp 01-10 amount=1 started=03-04 stat=03-20 @jx-b   # exactly 1 亿; start bonus 5
sp 01-18..03-20 x6
sp 02-02 amount=0.98             # below 1 亿
sp 03-21 amount=2.2 no=original_checked            # original not checked
ps 02-21 new of=jx-a stat=03-12
ps 03-04 new of=jx-b stat=03-20
ps 01-23 new stat=2023-12-26     # in statistics before the quarter: counts
ps 03-11 new
ps 01-09..03-13 x3 resumed
ps 2023-12-28 resumed            # started before the quarter
br 12-05..03-26 x8
fu 2023-04-21 quarter=2023Q1 wan=48310
fu 04-18 quarter=2023Q1 wan=48250                  # revised with the new bulletin
fu 04-18 quarter=2024Q1 wan=57224.5 rate=18.6
`},
	{"youyi", 5, 200, 0, 0, `
rp 12-05..12-29 x11
rp 01-24
rp 12-12..12-28 x3 companies=4   # the three that are missing
rp 12-26 companies=padded        # two names differ by a blank only
rp 12-19 companies=blank         # the fifth name is blank
rp 04-01                         # reported after the campaign
dl 12-20 pursued=01-10 by=main_leader
dl 01-08..02-20 x2
dl 01-30 no=content              # no content: not eligible
fl 12-28
ou 12-07..03-20 x11
ou 03-13 no=evidence             # no report
sp 12-28 amount=15.2 started=01-22 stat=02-26 @yy-a # start bonus 10
sp 01-19 amount=10.8
sp 03-07 amount=22.5
sp 12-21 amount=6.4 started=02-26 stat=03-18 @yy-b  # start bonus 7
sp 01-25 amount=8
sp 02-29 amount=9.99             # just below 10 亿: the middle tier
sp 01-11 amount=3.1 started=01-30 stat=02-28 @yy-c  # start bonus 5
sp 02-06 amount=1.75 started=03-06 stat=03-22      # start bonus 5
sp 12-15..03-18 x7
sp 04-02 amount=4.4              # signed after the campaign
sp 03-14 amount=2.6 checked=false
sp 12-14 amount=3.3 evidence=report                # the contract is not attached
ps 01-22 new of=yy-a stat=02-26
ps 02-26 new of=yy-b stat=03-18
ps 01-30 new of=yy-c stat=02-28
ps 03-06 new
ps 01-16..02-27 x2 resumed
ps 03-19 new no=evidence         # no photo
br 12-06..03-27 x9
fu 2023-04-21 quarter=2023Q1 wan=31000
fu 04-18 quarter=2024Q1 wan=36022 rate=16.2        # preliminary
fu 04-25 quarter=2024Q1 wan=35650 rate=15.0        # corrected: exactly 15 %
`},
	{"baoqing", 5, 200, 0, 0, `
rp 12-04..12-22 x18
rp 12-25..01-05 x2
rp 12-13 rec=12-18 rev=12-18     # revoked on the day of its recognition
dl 12-05 pursued=12-14 by=city_leader
dl 12-06..12-20 x3
dl 02-01
dl 12-08 company=blank           # target company blank
fl 12-12
fl 12-19 no=amount_usd_wan       # no amount
ou 12-04..03-15 x14
sp 12-11 amount=11 rev=03-12     # the early lead, lost: contract withdrawn
sp 02-22 amount=10.05
sp 12-18 amount=5.5
sp 12-13..02-29 x6
sp 12-20 amount=0.9999           # just below 1 亿
ps 01-08..01-31 x2 new
ps 02-27 new no=statistics_on    # not in statistics: counts under bonus_only alone
ps 01-05..01-26 x2 resumed
ps 02-20 resumed no=funds_wan    # no funds in place
br 12-05..03-22 x7
fu 2023-04-21 quarter=2023Q1 wan=52000
fu 04-18 quarter=2024Q1 wan=59020 rate=13.5
`},
	{"raohe", 5, 200, 9, 2, `
rp 12-28..01-26 x8
rp 02-19..03-25 x6
rp 04-01                         # reported a day after the campaign
dl 01-29 pursued=01-12 by=main_leader              # pursued before it was reported
dl 03-05..03-22 x2
dl 04-01                         # too late
fl 03-13
ou 12-12..03-12 x10
ou 2023-11-29 rep=12-27          # held before the campaign
sp 02-27 amount=13.4
sp 03-06 amount=5.2
sp 01-17..03-08 x4
sp 01-24 amount=2.45 started=02-19 stat=03-19 @rh-a # start bonus 5
ps 02-19 new of=rh-a stat=03-19
ps 02-22..03-07 x2 new
ps 01-18..02-28 x2 resumed
ps 03-22 resumed rep=04-02       # seen in April only, not by cutoff 2024-03-31
ps 03-13 new stat=04-01          # in statistics a day too late
br 01-03..03-28 x4
fu 2023-04-21 quarter=2023Q1 wan=27500
fu 04-22 quarter=2024Q1 wan=31900 rate=16
`},
	{"jianshan", 5, 100, 1, 0, `
rp 12-11..12-29 x13
rp 01-30..02-26 x3
rp 2023-11-30                    # reported before the campaign
rp 12-21 rec=- @js-double        # digital-industry was first with this project
dl 01-12..03-14 x3
dl 01-31 amount=0 rev=03-15      # an amount of 0 is given; revoked later
fl 02-02 usd=100                 # exactly the least amount of a district
fl 03-12
fl 02-23 usd=99.9                # just below it
ou 12-20..03-20 x10
ou 01-31 form=no_meeting         # 不见面招商: does not count
sp 03-15 amount="1.86e1" started=03-01 stat=03-25 @js-a # started before signing: bonus 10
sp 01-18..03-19 x6
sp 03-18 amount=5.6 rec=-        # never recognised: the middle tier stays empty
ps 03-01 new of=js-a stat=03-25
ps 03-05..03-13 x2 new
ps 02-29..03-12 x2 resumed
ps 03-12 new no=funds_wan        # no funds in place
br 12-14..03-25 x6
fu 2023-04-21 quarter=2023Q1 wan=61000
fu 04-18 quarter=2024Q1 wan=71614 rate=17.4
`},
	{"lingdong", 5, 100, 0, 2, `
rp 12-08..12-29 x12
rp 01-19..02-21 x2
rp 02-28 companies=4
dl 12-27..02-23 x2
dl 02-29 rec=03-05 rev=03-20     # recognised for a fortnight
fl 01-26
ou 12-13..03-13 x8
ou 01-19 form=door_visit
ou 02-28 form=door_visit         # with these two the target would be met
sp 01-12..03-11 x4
sp 02-07 amount=1.3 no=evidence
sp 03-06 amount=4.9999999999 rev=03-26             # would have been the fifth
ps 02-23 new
ps 03-08 new stat=04-03          # in statistics after the quarter
ps 01-24 resumed
ps 03-13 resumed funds=0         # no funds in place
br 12-12..03-19 x5
fu 2023-04-21 quarter=2023Q1 wan=18500
fu 04-18 quarter=2024Q1 wan=21090 rate=14.0
fu 04-26 quarter=2024Q1 wan=21349                  # corrected, 15.4 %; no rate printed
`},
	{"sifangtai", 5, 100, 2, 1, `
rp 12-18..12-29 x7
rp 01-15..03-20 x4
rp 01-05..02-07 x2 companies=4
dl 02-06
dl 03-12 no=amount_yi,content
fl 02-28 usd=95                  # below the least amount: none is left
ou 12-21..03-19 x9
ou 03-31 rep=04-01 rec=-         # on the last day, not recognised
sp 01-26..03-14 x3
sp 2023-11-30 amount=2.1 rep=12-04                 # signed before the campaign
ps 03-07 new
ps 02-21 resumed evidence=report # no photo
br 12-20..03-20 x4
fu 2023-04-21 quarter=2023Q1 wan=22000
fu 04-18 quarter=2024Q1 wan=20240 rate=-8.0
fu 04-18 quarter=2024Q1 wan=20042 rate=-8.9        # same day: the later line holds
`},
	{"baoshan", 5, 100, 0, 0, `
rp 12-07..12-29 x15
rp 01-09..03-07 x5
dl 12-22..02-26 x3
dl 02-27 pursued=03-08 by=city_leader rev=03-14    # pursued, then withdrawn: no bonus
dl 01-23 pursued=2023-11-29 by=main_leader         # pursued before the campaign: no bonus
fl 01-18
ou 12-11..03-18 x10
sp 02-26 amount=6.8 started=2023-12-22 stat=01-19  # started before the quarter: no bonus
sp 01-15..03-19 x5
sp 03-12 amount=3.05 started=03-20 stat=04-02      # in statistics after the quarter: no bonus
ps 01-25..02-28 x3 new
ps 01-10..02-22 x2 resumed
ps 04-01 resumed                 # started after the quarter
br 12-07..03-21 x7
fu 2023-04-21 quarter=2023Q1 wan=34500
fu 04-18 quarter=2024Q1 wan=38847 rate=12.6
`},
	{"jingkaiqu", 5, 200, 0, 1, `
rp 12-06..12-29 x14
rp 02-08
rp 01-17 companies=dup
dl 12-26 pursued=02-20           # by whom is not said: a city leader
dl 01-10..03-06 x3
dl 03-11 pursued=04-02 by=main_leader rev=03-11 rec=03-11 # never counts
fl 12-27..03-15 x3
fl 02-21 usd="200.0"             # a figure as text, exactly the least amount
fl 01-30 usd=150                 # enough for a district, not for the zone
ou 12-14..03-14 x11
sp 01-24 amount=8.8
sp 03-13 amount=5.05
sp 12-27..02-29 x3
sp 02-20 amount=1.95 started=03-05 stat=03-26 @jk-a # start bonus 5
sp 02-28 amount=16 rec=-         # framework only: never recognised, so none in ≥10 亿
ps 03-05 new of=jk-a stat=03-26
ps 01-29 new
ps 01-11..03-01 x2 resumed
br 12-13..03-27 x8
fu 2023-04-21 quarter=2023Q1 wan=75000
fu 04-18 quarter=2024Q1 wan=87780 rate=17.0        # 17.04 %, printed as 17.0
`},
}
