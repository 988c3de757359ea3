package main

// The six task forces, likewise:
//
//	1  digital-industry  110.2  two leads pursued by city leaders
//	2  agri-processing   105.3  slow at first; most reserve projects
//	3  bio-economy       105.1  first in December, level with digital-industry
//	                            in January and February
//	4  sci-tech          100.1  a lead revoked in February, made good in March
//	5  ice-snow          100    exactly its targets; first by the province's result
//	6  creative-design    95    short of both base targets
//
// The province has no result for sci-tech and corrects that of bio-economy.
var taskforces = []unit{
	{"digital-industry", 3, 200, 0, 0, `
rp 12-06 of=js-double            # jianshan reported the same project later
rp 12-12..12-28 x3
rp 02-22
rp 12-14 companies=2             # one company too few
dl 12-19 pursued=01-11 by=main_leader
dl 01-16 pursued=02-27 by=city_leader
dl 02-28
br 12-08..03-22 x5
pr 04-12 points=91.2
`},
	{"bio-economy", 3, 200, 0, 0, `
rp 12-05..12-27 x4
rp 12-15 companies=dup
dl 12-13 pursued=12-22 by=main_leader
dl 12-26
dl 01-18 no=amount_yi
br 12-11..03-18 x4
pr 04-12 points=89.5
pr 04-24 points=93.75            # corrected
`},
	{"creative-design", 3, 200, 3, 1, `
rp 12-27
rp 02-06
rp 03-14 companies=2
rp 01-19 companies=blank
dl 02-21
dl 03-15 no=target_company
br 01-10..03-13 x3
pr 04-12 points=88
`},
	{"ice-snow", 3, 200, 0, 0, `
rp 12-11..12-28 x3
dl 12-29..01-22 x2
dl 02-07 pursued=02-23 by=city_leader rec=-        # pursued, but never recognised
br 12-18..03-26 x6
pr 04-12 points="96.50"
`},
	{"agri-processing", 3, 200, 0, 1, `
rp 12-13..02-02 x5
rp 02-27
dl 01-08
dl 02-05 pursued=03-07 by=main_leader
dl 03-04
br 12-19..03-20 x5
pr 04-12 points=90.4
`},
	{"sci-tech", 3, 200, 1, 0, `
rp 12-14..01-17 x4
dl 12-20
dl 01-09 rev=02-20               # the company withdrew
dl 03-11
br 12-22..03-15 x4
`},
}
