/**
 * Segment dictionary: `ID elements | conditions | name`. An element is its number in elements.ts, `!` when mandatory, `^n` when it
 * may repeat n times; `(235 234)x10` repeats a run. Conditions are X12.6's relational ones over element positions: P all or none,
 * R at least one, E at most one, C if the first then all others, L if the first then at least one other.
 * Without elements: known by name, read without checks.
 * `@version` replaces from that version on, `<version` before it. What is not here at all is read without checks too.
 */
export const segments = `
ISA I01! I02! I03! I04! I05! I06! I05! I07! I08! I09! I10! I11! I12! I13! I14! I15! | | Interchange Control Header
GS 479! 142! 124! 373! 337! 28! 455! 480! | | Functional Group Header
ST 143! 329! | | Transaction Set Header
@005010 ST 143! 329! 1705 | | Transaction Set Header
SE 96! 329! | | Transaction Set Trailer
ACK 668! 380 355 374 373 326 (235 234)x10 559 822 1271 | P0203 C0405 P0708 P0910 P1112 P1314 P1516 P1718 P1920 P2122 P2324 P2526 | Line Item Acknowledgment
ADV 559! 1000! 740 741 L30 1000 741 | | Advertising Demographic Information
ADX 782! 371 128 127 | | Adjustment
AK1 479! 28! | | Functional Group Response Header
@004041 AK1 479! 28! 480 | | Functional Group Response Header
AK2 143! 329! | | Transaction Set Response Header
@004041 AK2 143! 329! 1705 | | Transaction Set Response Header
AK3 721! 719! 447 720 | | Data Segment Note
AK4 C030! 725 723! 724 | | Data Element Note
AK5 717! (718)x5 | | Transaction Set Response Trailer
AK9 715! 97! 123! 2! (716)x5 | | Functional Group Response Trailer
AMT 522! 782! 478 | | Monetary Amount
AT5 152 560 153 | | Bill of Lading Handling Requirements
@004020 AT5 152 560 153 355 408 408 | | Bill of Lading Handling Requirements
AT7 1650 1651 1652 1651 373 337 623 | C0605 C0706 | Shipment Status Details
AT8 187 188 81 80 80 184 183 | | Shipment Weight, Packaging and Quantity Data
AT9 | | Trailer or Container Dimension and Weight
ATH | | Resource Authorization
B1 | | Beginning Segment for Booking or Pick-up/Delivery
B10 127 145 140! 71 128 127 1073 | | Beginning Segment for Transportation Carrier Shipment Status Message
@004020 B10 127 145 140! 71 128 127 1073 373 337 | | Beginning Segment for Transportation Carrier Shipment Status Message
B2 | | Beginning Segment for Shipment Information Transaction
B2A | | Set Purpose
B3 | | Beginning Segment for Carrier's Invoice
BAK 353! 587! 324! 373! 328 326 367 127 373 640 | | Beginning Segment for Purchase Order Acknowledgment
BAL 951! 522! 782! | | Balance Detail
BCA 353! 587 324! 328 327 373! 326 367 127 373 373 373 L22 L22 L22 | | Beginning Segment for Purchase Order Change Acknowledgment
BCH 353! 92! 324! 328 327 373! 326 367 127 373 373 L22 L22 L22 L22 L22 | | Beginning Segment for Purchase Order Change
BCT | | Beginning Segment for Price/Sales Catalog
BEG 353! 92! 324! 328 373! 367 587 1019 1166 1232 786 640 | | Beginning Segment for Purchase Order
BFR | | Beginning Segment for Planning Schedule
BGN 353! 127! 373! 337 623 127 640 306 786 | C0504 | Beginning Segment
BIA 353! 755! 127! 373! 337 306 | | Beginning Segment for Inventory Inquiry or Advice
BIG 373! 76! 373 324 328 327 640 353 306 76 | | Beginning Segment for Invoice
@004020 BIG 373! 76! 373 324 328 327 640 353 306 76 1005 | | Beginning Segment for Invoice
BIN | | Binary Data
BLI 235! 234! 380 355 236 212 639 235 234 235 234 235 234 L2 L2 L2 L2 L1 | P0809 P1011 P1213 | Baseline Item Data (Return)
BNX | | Rail Shipment Information
BPR | | Beginning Segment for Payment Order/Remittance Advice
BRA 127! 373! 353! 962! 337 L22 306 | | Beginning Segment for Receiving Advice or Acceptance Certificate
BSI | | Beginning Segment for Order Status Inquiry
BSN 353! 396! 373! 337! 1005 640 641 | C0706 | Beginning Segment for Ship Notice
BSR | | Beginning Segment for Order Status Report
BSS | | Beginning Segment for Shipping Schedule/Production Sequence
C3 | | Currency
CAD 91 206 207 140 387 368 128 127 284 | C0708 | Carrier Detail
CB1 | | Contract and Cost Accounting Standards Data
CD3 | | Carton (Package) Detail
CLD 622! 382! 103 357 355 | C0504 | Load Detail
CN1 1166! 782 332 127 338 799 | | Contract Information
CRC 1136! 1073! 1321! 1321 1321 1321 1321 | | Conditions Indicator
CS | | Contract Summary
CSH 563 306 610 508 373 559 560 566 954 1004 | | Sales Requirements
CTB 688! 352 673 380 522 610 | | Restrictions or Conditions
@004040 CTB 688! 352 673 380 522 610 C001 | | Restrictions or Conditions
CTP 687 236 212 380 C001 648 649 782 639 499 289 | P0405 C0607 C0902 C1002 C1103 | Pricing Information
CTT 354! 347 81 355 183 355 352 | P0304 P0506 | Transaction Totals
CTX C998!^10 721 719 447 C030 C999 | | Context
CUR 98! 100! 280 98 100 669 (374 373 337)x5 | C0807 C0907 L101112 C1110 C1210 L131415 C1413 C1513 L161718 C1716 C1816 L192021 C2019 C2119 | Currency
DD | | Demand Detail
DIS 653! 654! 655! 656! 657! 657 | | Discount Detail
DMG 1250 1251 1068 1067 1109 1066 26 659 380 | P0102 | Demographic Information
@004030 DMG 1250 1251 1068 1067 C056 1066 26 659 380 1270 1271 | P0102 | Demographic Information
@005050 DMG 1250 1251 1068 1067 C056 1066 26 659 380 1270 1271 26 | P0102 | Demographic Information
DTM 374! 373 337 623 1250 1251 | R020305 C0403 P0506 | Date or Time Reference
<004010 DTM 374! 373 337 623 624 1250 1251 | R020306 C0403 P0607 | Date or Time Reference
DTP 374! 1250! 1251! | | Date or Time or Period
EFI | | Electronic Format Identification
ENT | | Entity
ETD 626! 627! 128 127 L2 | P0304 | Excess Transportation Detail
FA1 559! 1300 248 | | Type of Financial Accounting Data
FA2 1195! 1196! | | Accounting Data
FOB 146! 309 352 334 335 309 352 54 352 | C0302 C0405 C0706 C0908 | F.O.B. Related Instructions
FST | | Forecast Schedule
G01 | | Invoice Identification
G08 | | Seal
G23 | | Terms of Sale
G38 | | Dollar Limit
G50 | | Purchase Order Identification
G53 875! | | Maintenance Type
G61 366! 93! 365 364 443 | P0304 | Contact
G62 432 373 176 337 623 | P0102 P0304 | Date or Time
<004010 G62 432 373 176 337 623 624 | P0102 P0304 | Date or Time
G66 146 91 399 400 387 L201 L202 | | Transportation Instructions
G68 | | Line Item Detail - Product
G69 369! | | Line Item Detail Description
G72 340! 331! 341 343 359 339 355 360 332 828 770 | | Allowance or Charge
G82 | | Delivery/Return Base Record Identifier
G83 | | Line Item Detail - Direct Store Delivery
G84 | | Delivery/Return Record of Totals
G85 | | Record Integrity Check
G86 | | Signature Identification
G87 | | Delivery/Return Adjustment Identification
GF 128 127 367 782 128 127 328 128 127 | | Furnished Goods and Services
H3 | | Special Handling Instructions
HL 628! 734 735! 736 | | Hierarchical Level
IK3 721! 719! 447 620 | | Error Identification
IK4 C030! 725 621! 724 | | Implementation Data Element Note
IK5 717! (618)x5 | | Implementation Transaction Set Response Trailer
IN1 | | Individual Identification
IN2 | | Individual Name Structure Components
INC 336! C001! 380! 380! 782 | | Installment Information
@004052 INC 336! C001! 380! 380! 782 L3 | | Installment Information
ISS 382 355 81 355 183 355 380 L10 | R010305 P0102 P0304 P0506 | Invoice Shipment Summary
IT1 350 358 355 212 639 (235 234)x10 | P020304 P0607 P0809 P1011 P1213 P1415 P1617 P1819 P2021 P2223 P2425 | Baseline Item Data (Invoice)
IT3 382 355 368 383 371 | P0102 | Additional Item Data
IT8 | | Conditions of Sale
ITD 336 333 338 370 351 446 386 362 388 389 342 352 765 107 954 | L03040513 L08040513 L091011 | Terms of Sale or Deferred Terms of Sale
JIT | | Just-in-Time Schedule
K1 61! 61 | | Remarks
L0 | | Line Item - Quantity and Weight
L1 | | Rate and Charges
L11 127 128 352 | R0103 P0102 | Business Instructions and Reference Number
@004030 L11 127 128 352 373 | R0103 P0102 | Business Instructions and Reference Number
@004040 L11 127 128 352 373 1073 | R0103 P0102 | Business Instructions and Reference Number
L3 | | Total Weight and Charges
L4 | | Measurement
L5 | | Description, Marks and Numbers
L7 | | Tariff Reference
LAD | | Lading Detail
LDT 345! 380! 344! 373 | | Lead Time
LE 447! | | Loop Trailer
LEP | | EPA Required Data
LFH | | Freeform Hazardous Material Information
LH1 | | Hazardous Identification Information
LH2 | | Hazardous Classification Information
LH3 | | Hazardous Material Shipping Name
LH4 | | Canadian Dangerous Requirements
LH6 | | Hazardous Certification
LHE | | Empty Equipment Hazardous Material Information
LHR | | Hazardous Material Identifying Reference Numbers
LHT | | Transborder Hazardous Requirements
LIN 350 235! 234! (235 234)x14 | P0405 P0607 P0809 P1011 P1213 P1415 P1617 P1819 P2021 P2223 P2425 P2627 P2829 P3031 | Item Identification
LM 559! 822 | | Code Source Information
LQ 1270 1271 | C0102 | Industry Code
LS 447! | | Loop Header
LX 554! | | Assigned Number
M7 225! 225 225 225 98 | | Seal Numbers
MAN 88! 87! 87 88 87 87 | P0405 C0605 | Marks and Numbers
MEA 737 738 739 C001 740 741 935 936 752 1373 | R03050608 C0504 C0604 L07030506 E0803 | Measurements
@004040 MEA 737 738 739 C001 740 741 935 936 752 1373 1270 1271 | R03050608 C0504 C0604 L07030506 E0803 | Measurements
MS1 19 156 26 1654 1655 1280 1280 | | Equipment, Shipment, or Real Property Location
@004030 MS1 19 156 26 1654 1655 1280 1280 116 | | Equipment, Shipment, or Real Property Location
MS2 140 207 40 761 | P0102 | Equipment or Container Owner and Type
MS3 140! 133! 19 91 156 | | Interline Information
MSG 933! 934 1470 | C0302 | Message Text
MTX 363 1551 1551 934 1470 | | Text
@004020 MTX 363 1551 1551 934 1470 819 | | Text
N1 98! 93 66 67 706 98 | R0203 P0304 | Name
N2 93! 93 | | Additional Name Information
N3 166! 166 | | Address Information
N4 19 156 116 26 309 310 | C0605 | Geographic Location
@004020 N4 19 156 116 26 309 310 1715 | C0605 | Geographic Location
@006040 N4 19 156 116 26 309 310 1715 L202 | C0605 | Geographic Location
N7 | | Equipment Details
N9 128! 127 369 373 337 623 C040 | R0203 C0605 | Reference Identification
NM1 98! 1065! 1035 1036 1037 1038 1039 66 67 706 98 | P0809 C1110 | Individual or Organizational Name
@004040 NM1 98! 1065! 1035 1036 1037 1038 1039 66 67 706 98 1035 | P0809 C1110 | Individual or Organizational Name
NTE 363 352! | | Note or Special Instruction
NX2 1106! 166! 1096 | | Location ID Component
@004052 NX2 1106! 166! 1096 156 166 | | Location ID Component
OID 127 324 127 211 380 188 81 184 183 | | Order Information Detail
@004030 OID 127 324 127 211 380 188 81 184 183 647 127 | | Order Information Detail
OTI | | Original Transaction Identification
PAL 883 884 885 356 395 355 82 189 65 355 384 355 385 355 399 810 | P0506 P1112 P1314 | Pallet Information
@004020 PAL 883 884 885 356 395 355 82 189 65 355 384 355 385 355 399 810 L1 | P0506 P1112 P1314 | Pallet Information
@005050 PAL 883 884 885 356 395 355 82 189 65 355 384 355 385 355 399 810 L1 380 | P0506 P1112 P1314 | Pallet Information
PAM 673 380 C001 522 782 344 374 373 337 374 373 337 1004 954 1073 | P0405 | Period Amount
PCT 1004! 954! | | Percent Amounts
PD | | Pricing Data
PDD | | Pricing Data Detail
PER 366! 93 365 364 365 364 365 364 443 | P0304 P0506 P0708 | Administrative Communications Contact
PID 349! 750 559 751 352 752 822 1073 819 | C0403 R0405 C0703 C0807 C0905 | Product or Item Description
PKG 349 753 559 754 352 400 | | Marking, Packaging, Loading
PLD | | Pallet Information
PO1 350 330 355 212 639 (235 234)x10 | C0302 C0504 P0607 P0809 P1011 P1213 P1415 P1617 P1819 P2021 P2223 P2425 | Baseline Item Data
PO3 371! 373 236 212 639 380! 355! 352 | | Additional Item Detail
PO4 356 357 355 103 187 384 355 385 355 82 189 65 355 810 752 350 350 1470 | C0302 C0506 P0607 P0809 | Item Physical Details
POC 350 670! 330 671 C001 212 639 (235 234)x10 | P0809 P1011 P1213 P1415 P1617 P1819 P2021 P2223 P2425 P2627 | Line Item Change
PRF 324! 328 327 373 350 367 92 | | Purchase Order Reference
PWK 755! 756 757 98 66 67 352 C002 1525 | P0506 | Paperwork
@006010 PWK 755! 756 757 98 66 67 352 C002 1525 1270 1271 | P0506 | Paperwork
Q5 | | Status Details
Q6 | | Shipment Status Details
Q7 52! 211 80 | | Lading Exception Status
QTY 673! 380 C001 61 | R0204 E0204 | Quantity
R2 140! 133! 19 154 177 91 296 296 76 373 369 56 742 | | Route Information
R3 | | Route Information - Motor
R4 115! 309 310 114 26 174 113 156 | P0203 | Port or Terminal
RCD 350 663 C001 664 C001 (667 C001 412)x5 380 | P0203 P0405 | Receiving Conditions
RDR 1292 1293 1294 352 1073 | | Return Disposition Reason
REF 128! 127 352 C040 | R0203 | Reference Identification
RMR | | Remittance Advice Accounts Receivable Open Item Reference
S5 | | Stop Off Details
SAC 248! 1300 559 1301 610 378 332 118 355 380 380 331 127 770 352 819 | R0203 P0304 P0607 P0910 C1110 L130204 C1413 C1615 | Service, Promotion, Allowance, or Charge Information
SCH 380! 355! 98 93 374! 373! 337 374 373 337 326 350 | C0304 L080910 C0908 C1008 | Line Item Schedule
SDP | | Ship/Delivery Pattern
SDQ 355! 66 67! 380! (67 380)x9 310 | P0506 P0708 P0910 P1112 P1314 P1516 P1718 P1920 P2122 | Destination Quantity
SHP | | Shipped/Received Information
SI 559! 1000! 234! (1000 234)x9 | P0405 P0607 P0809 P1011 P1213 P1415 P1617 P1819 P2021 | Service Characteristic Identification
SLN 350! 350 662! 380 C001 212 639 662 (235 234)x10 | P0405 C0706 C0806 P0910 P1112 P1314 P1516 P1718 P1920 P2122 P2324 P2526 P2728 | Subline Item Detail
SN1 350 382! 355! 646 330 355 728 668 | P0506 | Item Detail (Shipment)
SPI | | Specification Identifier
SPO 324! 127 355 380 188 81 647 127 | | Shipment Purchase Order Detail
SR | | Advertising Schedule Requested
TA1 I12! I08! I09! I17! I18! | | Interchange Acknowledgment
TAX 325 309 310 309 310 309 310 309 310 309 310 441 1179 | R0103 P0203 P0405 P0607 P0809 P1011 | Tax Reference
TC2 23! 22! | | Commodity
TD1 103 80 23 22 79 187 81 355 183 355 | C0102 C0304 C0607 P0708 P0910 | Carrier Details (Quantity and Weight)
TD3 40 206 207 187 81 355 102 407 225 24 | C0203 C0405 P0506 | Carrier Details (Equipment)
TD4 152 208 209 352 1073 | R010204 C0302 | Carrier Details (Special Handling or Hazardous Materials)
TD5 133 66 67 91 387 368 309 310 731 732 733 284 284 284 26 | R0204050612 C0203 C0708 C1011 C1312 C1413 C1512 | Carrier Details (Routing Sequence or Transit Time)
TDS 610! 610 610 610 | | Total Monetary Value Summary
TED | | Technical Error Description
TRN | | Trace
TSD 350 219 | | Trailer Shipment Details
TXI 963! 782 954 955 956 441 662 828 325 350 | R020306 P0405 C0803 | Tax Information
UIT C001! 212 639 | C0302 | Unit Detail
V1 597 182 26 55 140 249 854 897 91 | R0102 C0801 | Vessel Identification
W01 330! 355! 438 235 234 235 234 59 L3 L1 L30 L66 451 L22 235 234 | P0405 P0607 P1516 | Line Item Detail (Warehouse)
@005050 W01 330! 355! 438 235 234 235 234 59 L3 L1 L30 L66 451 L22 235 234 451 | P0405 P0607 P1516 | Line Item Detail (Warehouse)
W03 382! 81 355 183 355 80 355 | P0203 P0405 P0607 | Total Shipment Information
W04 382! 355! 438 235 234 235 234 59 L3 L1 L30 L66 L22 235 234 | P0405 P0607 P1415 | Item Detail Total
W05 473! 285! 324 474 475 640 306 | | Shipping Order Identification
@004020 W05 473! 285! 324 474 475 640 306 L22 | | Shipping Order Identification
W06 514! 285 373 145 531 324 475 474 528 640 L22 306 | | Warehouse Shipment Identification
W07 413! 355! 438 235 234 235 234 451 L1 235 234 | P0405 P0607 P1011 | Item Detail for Stock Receipt
W08 91! 140 387 206 207 225 225 407 L22 | | Receipt Carrier Information
W09 40! 408 355 408 355 L203 1122 1123 380 | | Equipment and Temperature
W10 400 398 399 225 225 408 355 408 355 | | Warehouse Additional Carrier Information
W12 368! 330 382 383 355 438 235 234 451 81 187 188 81 187 188 438 235 234 L22 L1 235 234 | P0708 P1718 P2122 | Warehouse Item Detail
W13 380! 355! 412! 451 L22 | | Item Detail Exception
W14 413! L10 L9 L7 L7 | | Total Receipt Information
W17 514! 373! 393! 285 145 306 337 475 474 | | Warehouse Receipt Identification
W18 L22! 408! 355 | | Temperature
W20 356 357 355 81 187 188 395 183 355 397 | | Line Item Detail (Miscellaneous)
W27 91! 140 387 146 L22 206 207 368 528 L22 | | Carrier Detail
W28 | | Consolidation Information
W6 152! 152 152 152 | | Special Handling Information
W66 146! 91! 399 400 387 L201 L202 L1 610 140 | | Warehouse Carrier Information
W76 330! 81 355 183 355 L10 | P0203 P0405 | Total Shipping Order
XQ | | Reporting Date/Action
YNQ 1321 1073! 1250 1251 933 933 933 1270 1271 933 | P0304 | Yes or No Question
ZA | | Product Activity Reporting
A1 | | Rejection
AAA | | Request Validation
ACT | | Account Identification
AIN | | Income
ASM | | Amount and Settlement Method
B11 | | Beginning Segment for the Grading or Evaluation Transaction
B4 | | Beginning Segment for Inquiry or Reply
BDS | | Binary Data Structure
BGF | | Beginning Segment
BHT | | Beginning of Hierarchical Transaction
BLN | | Beginning Segment for Lockbox
BMG | | Beginning Segment for Text Message
BOR | | Beginning of Organizational Relationships
BPT | | Beginning Segment for Product Transfer and Resale
BQR | | Beginning Segment for Response to Request for Quotation
BQT | | Beginning Segment for Request for Quotation
BRC | | Beginning Segment for Return Merchandise Authorization
BTP | | Beginning Segment for Trading Partner Profile
C2 | | Bank ID
C8 | | Certifications and Clauses
CAS | | Claims Adjustment
CDA | | Product Activity Code
CDD | | Credit/Debit Adjustment Detail
CL1 | | Claim Codes
CLI | | Claim Line Item
CLM | | Health Claim
CLP | | Claim Level Data
COB | | Coordination of Benefits
CON | | Contract Number Detail
CR1 | | Ambulance Certification
CR2 | | Chiropractic Certification
CR3 | | Durable Medical Equipment Certification
CR5 | | Oxygen Therapy Certification
CR6 | | Home Health Care Certification
CR7 | | Home Health Treatment Plan Certification
CV | | Carrier Vehicle
DED | | Deductions
DN1 | | Orthodontic Information
DN2 | | Tooth Summary
DSB | | Disability Information
E1 | | Empty Car Disposition - Pended Destination Consignee
EB | | Eligibility or Benefit Information
EC | | Employment Class
EQ | | Eligibility or Benefit Inquiry
FRM | | Supporting Documentation
FSA | | Vendor Item Availability
G22 | | Pricing Information
G25 | | F.O.B. Information
G26 | | Pricing Conditions
G31 | | Total Invoice Quantity
G33 | | Total Dollars Summary
G45 | | Item Quantity Sold
G47 | | Statement Identification
G54 | | Item Promotional Price Data
G55 | | Item Characteristics - Consumer Unit
G70 | | Line Item Detail - Miscellaneous
G76 | | Total Purchase Order
HCP | | Health Care Pricing
HCR | | Health Care Services Review
HD | | Health Coverage
HI | | Health Care Information Codes
HLH | | Health Information
HSD | | Health Care Services Delivery
III | | Information
IDC | | Identification Card
INS | | Insured Benefit
IRT | | Item Return
LCT | | Claim Line Type
LOC | | Location
LTR | | Letter of Credit
LUI | | Language Use
M0 | | Letter of Credit Reference
M1 | | Insurance
M10 | | Manifest Identifying Information
M11 | | Manifest Bill of Lading Details
M12 | | In-Bond Identifying Information
M13 | | Manifest Amendment Details
M14 | | General Order Status Information
M15 | | Master In-Bond Arrival Details
M20 | | Permit to Transfer Request Details
MIA | | Medicare Inpatient Adjudication
MOA | | Medicare Outpatient Adjudication
MPI | | Military Personnel Information
MS4 | | Flight or Rail Schedule
N10 | | Quantity and Description
N11 | | Store Number
N12 | | Equipment Environment
N8 | | Waybill Reference
NCA | | Nonconformance Action
NCD | | Nonconformance Description
NX1 | | Property or Entity Identification
OI | | Other Health Insurance Information
P1 | | Pickup
P4 | | Port Information
PAD | | Product Adjustment Detail
PAT | | Patient Information
PCL | | Previous College
PLA | | Place or Location
PLB | | Provider Level Adjustment
POD | | Proof of Delivery
PRV | | Provider Information
PSA | | Partner Share Accounting
PSD | | Physical Sample Description
PTD | | Product Transfer and Resale Detail
PYD | | Payroll Deduction
PYT | | Payment Terms
QPA | | Quality Performance
RAB | | Rebate Allowance
RDM | | Remittance Delivery Method
RIC | | Financial Return
SBR | | Subscriber Information
SPK | | Spoken Language
STC | | Status Information
SUM | | Academic Summary
SV1 | | Professional Service
SV2 | | Institutional Service
SV3 | | Dental Service
SV4 | | Drug Service
SV5 | | Durable Medical Equipment Service
SVC | | Service Information
SVD | | Service Line Adjudication
T1 | | Transit Inbound Origin
T2 | | Transit Inbound Lading
T3 | | Transit Inbound Route
T6 | | Transit Inbound Rates
T8 | | Free-form Transit Data
TIA | | Tax Information and Amount
TOO | | Tooth Identification
TS2 | | Transaction Supplemental Statistics
TS3 | | Transaction Statistics
UM | | Health Care Services Review Information
V2 | | Vessel Information
V3 | | Vessel Schedule
V4 | | Cargo Location Reference
V9 | | Event Detail
VC | | Motor Vehicle Control
VEH | | Vehicle Information
W1 | | Block Identification
W2 | | Equipment Identification
W15 | | Warehouse Adjustment Identification
W19 | | Warehouse Adjustment Item Detail
W3 | | Consignee Information
W4 | | Consignee Address
W5 | | Car Request Identification
XPO | | Preassigned Purchase Order Numbers
ZC1 | | Beginning Segment for Data Correction or Change
ZR | | Waybill Reference Identification
ZT | | Transaction Trailer
`;
