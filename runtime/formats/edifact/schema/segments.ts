/**
 * Segments: `ID elements | name`; an element is a number or composite of elements.ts, `!` when mandatory, `(C212)x4` a run.
 * Without elements: known by name, read without checks. `@01B` before a line replaces it from that directory on.
 */
export const segments = `
AJT 4465! 1082 | Adjustment Details
ALC 5463! C552 4471 1227 C214 | Allowance or Charge
ALI 3239 9213 (4183)x5 | Additional Information
API | Additional Price Information
APR 4043 C138 C960 | Additional Price Information
BGM C002 1004 1225 4343 | Beginning of Message
@96B BGM C002 C106 1225 4343 | Beginning of Message
@13B BGM C002 C106 1225 4343 1373 3453 | Beginning of Message
CAV C889! | Characteristic Value
CCI 7059 C502 C240 | Characteristic/Class Id.
@96B CCI 7059 C502 C240 4051 | Characteristic/Class Id.
CDI 7001! C564! | Physical or Logical State
CED | Computer Environment Details
CNI 1490 C503 1312 | Consignment Information
CNT C270! | Control Total
COD C823 C824 | Component Details
COM C076! | Communication Contact
@01B COM C076! C076 C076 | Communication Contact
CPS 7164! 7166 7075 | Consignment Packing Sequence
CST | Customs Status of Goods
CTA 3139 C056 | Contact Information
CUX C504 C504 5402 6341 | Currencies
DAM 7493! C821 C822 C825 C826 | Damage
DGS 8273 C205 C234 C223 8339 8364 8410 8126 C235 C236 8255 8325 8211 | Dangerous Goods
@06A DGS 8273 C205 C234 C223 8339 8364 8410 8126 C235 C236 8255 8179 8211 | Dangerous Goods
@09B DGS 8273 C205 C234 C223 8339 8364 8410 8126 C235 C236 8255 8179 8211 C289 | Dangerous Goods
DIM 6145! C211! | Dimensions
DLM 4455 C522 C214 4457 | Delivery Limitations
DOC C002! C503 3153 1220 1218 | Document or Message Details
DTM C507! | Date, Time or Period
EFI | External File Link Identification
EQA 8053! C237 | Attached Equipment
EQD 8053! C237 C224 8077 8249 8169 | Equipment Details
@06B EQD 8053! C237 C224 8077 8249 8169 4233 | Equipment Details
EQN C523! | Number of Units
ERC C901! | Application Error Information
FII 3035! C078 C088 3207 | Financial Institution Information
FTX 4451! 4453 C107 C108 3453 | Free Text
@98B FTX 4451! 4453 C107 C108 3453 4447 | Free Text
GDS C703 | Nature of Cargo
@10A GDS C703 C288 | Nature of Cargo
GEI 9649! C012 7187 | Processing Information
GID 1496 (C213)x3 | Goods Item Details
@97A GID 1496 (C213)x5 | Goods Item Details
GIN 7405! C208! (C208)x4 | Goods Identity Number
GIR 7297! C206! (C206)x4 | Related Identification Numbers
GIS C529! | General Indicator
HAN C524 C218 | Handling Instructions
IMD 7077 7081 C273 7383 | Item Description
@98A IMD 7077 C272 C273 7383 | Item Description
INP C849 C522 C850 1229 | Parties and Instruction
INV 4501 7491 4499 4503 C522 | Inventory Management Related Details
LIN 1082 1229 C212 C829 1222 7083 | Line Item
LOC 3227! C517 C519 C553 5479 | Place or Location Identification
MEA 6311! C502 C174 7383 | Measurements
MOA C516! | Monetary Amount
MTD 7495! 4513 3005 3009 | Maintenance Operation Details
NAD 3035! C082 C058 C080 C059 3164 3229 3251 3207 | Name and Address
@99B NAD 3035! C082 C058 C080 C059 3164 C819 3251 3207 | Name and Address
PAC 7224 C531 C202 C402 C532 | Package
PAI C534! | Payment Instructions
PAT 4279! C110 C112 | Payment Terms Basis
PCD C501! | Percentage Details
@00A PCD C501! 4405 | Percentage Details
PCI 4233 C210 8275 C827 | Package Identification
@06A PCI 4233 C210 8169 C827 | Package Identification
PGI 5379! C288 | Product Group Information
PIA 4347! C212! (C212)x4 | Additional Product Id
PRI C509 5213 | Price Details
PSD | Physical Sample Description
PYT 4279! C019 2475 2009 2151 2152 | Payment Terms
QTY C186! | Quantity
QVA | Quantity Variances
QVR C279 4221 C960 | Quantity Variances
RCS 7293! C550 1229 | Requirements and Conditions
@99B RCS 7293! C550 1229 3207 | Requirements and Conditions
RFF C506! | Reference
RJL C595 C596 | Accounting Journal Identification
RNG 6167! C280 | Range Details
RTE C128! | Rate Details
@00A RTE C128! 4405 | Rate Details
SCC 4017! 4493 C329 | Scheduling Conditions
SEL 9308! C215 4517 | Seal Number
@97B SEL 9308 C215 4517 C208 | Seal Number
@07A SEL 9308 C215 4517 C208 4525 | Seal Number
SGP C237! 7224 | Split Goods Placement
STG 9421! 6426 6428 | Stages
STS C601 C555 (C556)x5 | Status
TAX 5283! C241 C533 5286 C243 5305 3446 | Duty, Tax or Fee Details
@99A TAX 5283! C241 C533 5286 C243 5305 3446 1227 | Duty, Tax or Fee Details
@07A TAX 5283! C241 C533 5286 C243 5305 3446 1227 5307 | Duty, Tax or Fee Details
TDT 8051! 8028 C220 C228 C040 8101 C401 C222 8281 | Details of Transport
@02B TDT 8051! 8028 C220 C001 C040 8101 C401 C222 8281 | Details of Transport
@11A TDT 8051! 8028 C220 C001 C040 8101 C401 C222 8281 C003 | Details of Transport
TMD C219 8332 8341 | Transport Movement Details
TMP 6245! C239 | Temperature
TOD 4055 4215 C100 | Terms of Delivery or Transport
TPL C222! | Transport Placement
TSR C536 C233 C537 C703 | Transport Service Requirements
UCD 0085! S011! | Data Element Error Indication
UCF 0048! S006! S007! 0083! 0085 0013 S011 | Group Response
UCI 0020! S002! S003! 0083! 0085 0013 S011 | Interchange Response
UCM 0062! S009! 0083! 0085 0013 S011 | Message Response
UCS 0096! 0085 | Segment Error Indication
UNB S001! S002! S003! S004! 0020! S005 0026 0029 0031 0032 0035 | Interchange Header
UNE 0060! 0048! | Group Trailer
UNG 0038! S006! S007! S004! 0048! 0051! S008! 0058 | Group Header
UNH 0062! S009! 0068 S010 | Message Header
UNS 0081! | Section Control
UNT 0074! 0062! | Message Trailer
UNZ 0036! 0020! | Interchange Trailer
ADR | Address
AGR | Agreement Identification
ARD | Amounts Relationship Details
ARR | Array Information
ASI | Array Structure Identification
ATT | Attribute
AUT | Authentication Result
BII | Structure Identification
BUS | Business Function
CCD | Credit Cover Details
CLA | Clause Identification
CLI | Clinical Intervention
CMP | Composite Data Element Identification
CPI | Charge Payment Instructions
CPT | Account Identification
CRI | Consumer Reference Information
DFN | Definition Function
DII | Directory Identification
DMS | Document/Message Summary
DRD | Data Representation Details
DSG | Dosage Administration
DSI | Data Set Identification
ELM | Simple Data Element Details
ELU | Data Element Usage Details
ELV | Element Value Definition
EMP | Employment Details
ERI | Application Error Information
ERP | Error Point Details
EVE | Event
FCA | Financial Charges Allocation
FNS | Footnote Set
FNT | Footnote
FOR | Formula
FSQ | Formula Sequence
GOR | Governmental Requirements
GPO | Geographical Position
GRU | Segment Group Usage Details
HEA | Health Information
HYN | Hierarchy Information
ICD | Insurance Cover Description
IDE | Identity
IHC | Person Characteristic
IND | Index Details
LAN | Language
MEM | Membership Details
MKS | Market/Sales Channel Information
MSG | Message Type Identification
NAA | Name and Address
NUN | Number of Units
PAS | Attendance
PCC | Premium Calculation Component Details
PDI | Person Demographic Information
PER | Period Related Details
PNA | Party Identification
POC | Purpose of Conveyance Call
PRC | Process Identification
PRV | Proviso Details
PTY | Priority
QRS | Query and Response
QUA | Qualification
RCI | Reservation Control Information
REL | Relationship
RFR | Reference
ROD | Risk Object Type
RPI | Quantity and Action Details
RSL | Result
RUL | Rule Information
SAL | Remuneration Type Identification
SCD | Structure Component Definition
SEG | Segment Identification
SEQ | Sequence Details
SFI | Safety Information
SGU | Segment Usage Details
SPR | Organisation Classification Details
SPS | Sampling Parameters for Summary Statistics
STA | Statistics
STC | Statistical Concept
TCC | Charge/Rate Calculations
TEM | Test Method
TRU | Technical Rules
TVL | Travel Product Information
USA | Security Algorithm
USC | Certificate
USH | Security Header
USR | Security Result
UST | Security Trailer
USX | Security References
UGH | Anti-collision Segment Group Header
UGT | Anti-collision Segment Group Trailer
UIB | Interactive Interchange Header
UIH | Interactive Message Header
UIT | Interactive Message Trailer
UIZ | Interactive Interchange Trailer
VLI | Value List Identification
ODI | Origin and Destination Details
APD | Additional Transport Details
IFT | Interactive Free Text
`;
