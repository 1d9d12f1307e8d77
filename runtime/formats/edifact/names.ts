/** Names of segments, for people. Codes mean the same in all directories. */
const text = `
AJT Adjustment Details
ALC Allowance or Charge
ALI Additional Information
APR Additional Price Information
BGM Beginning of Message
CNI Consignment Information
CNT Control Total
COM Communication Contact
CPS Consignment Packing Sequence
CST Customs Status of Goods
CTA Contact Information
CUX Currencies
DGS Dangerous Goods
DLM Delivery Limitations
DOC Document or Message Details
DTM Date, Time or Period
EQA Attached Equipment
EQD Equipment Details
ERC Application Error Information
FII Financial Institution Information
FTX Free Text
GDS Nature of Cargo
GEI Processing Information
GID Goods Item Details
GIN Goods Identity Number
GIR Related Identification Numbers
GIS General Indicator
HAN Handling Instructions
IMD Item Description
INV Inventory Management Related Details
LIN Line Item
LOC Place or Location Identification
MEA Measurements
MOA Monetary Amount
NAD Name and Address
PAC Package
PAI Payment Instructions
PAT Payment Terms Basis
PCD Percentage Details
PCI Package Identification
PIA Additional Product ID
PRI Price Details
PSD Physical Sample Description
QTY Quantity
QVR Quantity Variances
RCS Requirements and Conditions
RFF Reference
RNG Range Details
RTE Rate Details
SCC Scheduling Conditions
SEL Seal Number
SGP Split Goods Placement
STG Stages
STS Status
TAX Duty, Tax or Fee Details
TDT Details of Transport
TMD Transport Movement Details
TOD Terms of Delivery or Transport
TPL Transport Placement
TSR Transport Service Requirements
UCD Data Element Error Indication
UCF Group Response
UCI Interchange Response
UCM Message Response
UCS Segment Error Indication
UNB Interchange Header
UNE Group Trailer
UNG Group Header
UNH Message Header
UNS Section Control
UNT Message Trailer
UNZ Interchange Trailer
`;
export const segmentNames = new Map(
  text
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, 3), line.slice(4)]),
);
