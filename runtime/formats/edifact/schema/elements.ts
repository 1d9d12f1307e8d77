/**
 * Data elements of the UN/EDIFACT directories. A data element: `number format name`, formats as in the directories
 * (`an..35`, `n4`, `a3`); `x..35` is text that holds a number by its use: a decimal comma becomes a point where it is one.
 * Base D.96A, which is taken for what is older, too; `@01B` before a line replaces it from that directory on. Composites: composites.ts.
 */
export const elements = `
0001 a4 Syntax identifier
0002 an1 Syntax version number
0004 an..35 Sender identification
0007 an..4 Identification code qualifier
0008 an..35 Address for reverse routing
0010 an..35 Recipient identification
0013 an..3 Segment in error
0014 an..35 Routing address
0017 n..8 Date of preparation
0019 n..4 Time of preparation
0020 an..14 Interchange control reference
0022 an..14 Recipient's reference or password
0025 an..2 Recipient's reference or password qualifier
0026 an..14 Application reference
0029 a1 Processing priority code
0031 n1 Acknowledgement request
0032 an..35 Communications agreement identifier
0035 n1 Test indicator
0036 n..6 Interchange control count
0038 an..6 Functional group identification
0040 an..35 Application sender's identification
0044 an..35 Recipient's identification
0048 an..14 Functional group reference number
0051 an..3 Controlling agency
0052 an..3 Message type version number
0054 an..3 Message type release number
0057 an..6 Association assigned code
0058 an..14 Application password
0060 n..6 Number of messages
0062 an..14 Message reference number
0065 an..6 Message type identifier
0068 an..35 Common access reference
0070 n..2 Sequence message transfer number
0073 a1 First and last sequence message transfer indication
0074 n..10 Number of segments in the message
0081 a1 Section identification
0083 an..3 Action, coded
0085 an..3 Syntax error, coded
0096 n..6 Segment position in message
0098 n..3 Erroneous data element position in segment
0104 n..3 Erroneous component position
0110 an..6 Code list directory version number
0113 an..6 Message type sub-function identification
1000 an..35 Document/message name
1001 an..3 Document/message name, coded
1004 an..35 Document/message number
@08B 1004 an..70 Document identifier
1050 an..6 Sequence number
@96B 1050 an..10 Sequence position identifier
1056 an..9 Version
1060 an..6 Revision number
1082 n..6 Line item number
@97A 1082 an..6 Line item identifier
1131 an..3 Code list qualifier
@00B 1131 an..17 Code list identification code
1153 an..3 Reference qualifier
1154 an..35 Reference number
@00B 1154 an..70 Reference identifier
1156 an..6 Line number
1170 an..35 Accounting journal name
1171 an..17 Accounting journal identifier
1218 n..2 Number of originals of document required
1220 n..2 Number of copies of document required
1222 n..2 Configuration level
1225 an..3 Message function, coded
1227 an..3 Calculation sequence indicator, coded
1228 an..35 Action description
1229 an..3 Action request/notification, coded
1230 an..35 Allowance or charge number
1312 n..4 Consignment load sequence number
1366 an..35 Document/message source
@98A 1366 an..70 Document source description
1373 an..3 Document/message status, coded
1490 n..4 Consolidation item number
@05B 1490 n..5 Consolidation item number
1496 n..5 Goods item number
@09A 1496 an..6 Goods item number
2005 an..3 Date/time/period qualifier
2009 an..3 Terms time relation, coded
2013 an..3 Frequency, coded
2015 an..3 Despatch pattern, coded
2017 an..3 Despatch pattern timing, coded
2151 an..3 Type of period, coded
2152 n..3 Number of periods
2379 an..3 Date/time/period format qualifier
2380 an..35 Date/time/period
2475 an..3 Payment time reference, coded
3005 an..3 Maintenance operation operator, coded
3009 an..3 Maintenance operation payer, coded
3035 an..3 Party qualifier
3036 an..35 Party name
@08B 3036 an..70 Party name
3039 an..35 Party id. identification
3042 an..35 Street and number/P.O. box
@17A 3042 an..256 Street and number or post office box identifier
3045 an..3 Party name format, coded
3055 an..3 Code list responsible agency, coded
3124 an..35 Name and address line
3126 an..35 Transport service priority or carrier name
3127 an..17 Carrier identification
3128 an..35 Carrier name
3139 an..3 Contact function, coded
3148 an..512 Communication number
3153 an..3 Communication channel identifier, coded
3155 an..3 Communication channel qualifier
3164 an..35 City name
3192 an..35 Account holder name
3194 an..35 Account holder number
@01B 3194 an..35 Account holder identifier
3207 an..3 Country, coded
3222 an..70 Related place/location one
3223 an..25 Related place/location one identification
@06A 3223 an..35 First related location identifier
3224 an..70 Place/location
@99B 3224 an..256 Location name
3225 an..25 Place/location identification
@01C 3225 an..35 Location identifier
3227 an..3 Place/location qualifier
3228 an..35 Country sub-entity
@01A 3228 an..70 Country sub-entity name
3229 an..9 Country sub-entity identification
3232 an..70 Related place/location two
3233 an..25 Related place/location two identification
@06A 3233 an..35 Second related location identifier
3239 an..3 Country of origin, coded
3251 an..9 Postcode identification
@99B 3251 an..17 Postal identification code
3285 an..17 Instruction receiving party identification
@98A 3285 an..35 Instruction receiving party identifier
3301 an..17 Instruction enacting party identification
@98A 3301 an..35 Instruction enacting party identification
3412 an..35 Department or employee
@06B 3412 an..256 Contact name
3413 an..17 Department or employee identification
3432 an..70 Institution name
3433 an..11 Institution name identification
3434 an..17 Institution branch number
3436 an..70 Institution branch place
3446 an..20 Party tax identification number
3453 an..3 Language, coded
4000 an..35 Reference version number
4017 an..3 Delivery plan status indicator, coded
4043 an..3 Class of trade, coded
4051 an..3 Characteristic relevance code
4052 an..70 Terms of delivery or transport
4053 an..3 Terms of delivery or transport, coded
4055 an..3 Terms of delivery or transport function, coded
4065 an..3 Contract and carriage condition, coded
4078 an..70 Handling instructions
@05B 4078 an..512 Handling instruction description
4079 an..3 Handling instructions, coded
4183 an..3 Special conditions, coded
4215 an..3 Transport charges method of payment, coded
4219 an..3 Transport priority, coded
4221 an..3 Discrepancy, coded
4233 an..3 Marking instructions, coded
4276 an..35 Terms of payment
4277 an..17 Terms of payment identification
4279 an..3 Payment terms type qualifier
4294 an..35 Reason for change
4295 an..3 Change reason, coded
4343 an..3 Response type, coded
4347 an..3 Product id. function qualifier
4400 an..35 Instruction
4401 an..3 Instruction, coded
4403 an..3 Instruction qualifier
4404 an..35 Status description
4405 an..3 Status, coded
4431 an..3 Payment guarantee, coded
4435 an..3 Payment channel, coded
4439 an..3 Payment conditions, coded
4440 an..70 Free text
@99B 4440 an..512 Free text
4441 an..3 Free text, coded
@96B 4441 an..17 Free text value code
4447 an..3 Free text format code
4451 an..3 Text subject qualifier
4453 an..3 Text function, coded
4455 an..3 Back order, coded
4457 an..3 Product/service substitution, coded
4461 an..3 Payment means, coded
4465 an..3 Adjustment reason, coded
4471 an..3 Settlement, coded
4474 an..35 Accounting entry type name
4475 an..17 Accounting entry type name code
4493 an..3 Delivery requirements, coded
4499 an..3 Reason for inventory movement, coded
4501 an..3 Inventory movement direction, coded
4503 an..3 Inventory balance method, coded
4513 an..3 Maintenance operation, coded
4517 an..3 Seal condition, coded
4525 an..3 Seal type code
5004 n..18 Monetary amount
@98A 5004 n..35 Monetary amount
5025 an..3 Monetary amount type qualifier
5118 n..15 Price
5125 an..3 Price qualifier
5152 an..35 Duty/tax/fee type
5153 an..3 Duty/tax/fee type, coded
5189 an..3 Charge/allowance description, coded
5213 an..3 Sub-line price change, coded
5245 an..3 Percentage qualifier
5249 an..3 Percentage basis, coded
5273 an..12 Duty/tax/fee rate basis identification
5278 x..17 Duty/tax/fee rate
5279 an..7 Duty/tax/fee rate identification
5283 an..3 Duty/tax/fee function qualifier
5284 n..9 Unit price basis
5286 an..15 Duty/tax/fee assessment basis
5289 an..6 Duty/tax/fee account identification
5305 an..3 Duty/tax/fee category, coded
5307 an..3 Calculation sequence code
5375 an..3 Price type, coded
5379 an..3 Product group type code
5387 an..3 Price type qualifier
5388 an..35 Product group name
5389 an..3 Product group name code
@99B 5389 an..25 Product group name code
5393 an..3 Price multiplier qualifier
5394 n..12 Price multiplier
5402 n..12 Rate of exchange
5419 an..3 Rate type qualifier
5420 n..15 Rate per unit
5463 an..3 Allowance or charge qualifier
5479 an..3 Relation, coded
5482 n..10 Percentage
5495 an..3 Sub-line indicator, coded
6008 n..15 Height dimension
6060 n..15 Quantity
@99B 6060 x..35 Quantity
6063 an..3 Quantity qualifier
6064 n..15 Quantity difference
6066 n..18 Control value
@01B 6066 x..18 Control total value
6069 an..3 Control qualifier
6140 n..15 Width dimension
6145 an..3 Dimension qualifier
6152 n..18 Range maximum
6154 an..70 Measurement attribute
6155 an..3 Measurement attribute identification
@96B 6155 an..17 Non-discrete measurement name code
6162 n..18 Range minimum
6167 an..3 Range type qualifier
6168 n..15 Length dimension
6182 n..15 Diameter measure
6245 an..3 Temperature qualifier
6246 n..15 Temperature setting
6311 an..3 Measurement application qualifier
6313 an..3 Measurement dimension, coded
6314 x..18 Measurement value
6321 an..3 Measurement significance, coded
6341 an..3 Currency market exchange, coded
6343 an..3 Currency qualifier
6345 an..3 Currency, coded
6347 an..3 Currency details qualifier
6348 n..4 Currency rate base
6350 n..15 Number of units
6353 an..3 Number of units qualifier
6411 an..3 Measure unit qualifier
@03A 6411 an..8 Measurement unit code
6426 n..2 Process stages actual
6428 n..2 Process stages total
6432 n..2 Significant digits
7001 an..3 Physical or logical state qualifier
7006 an..35 Physical or logical state
@98A 7006 an..70 Physical or logical state description
7007 an..3 Physical or logical state, coded
7008 an..35 Item description
@98B 7008 an..256 Item description
7009 an..17 Item description identification
7036 an..35 Characteristic
7037 an..17 Characteristic identification
7040 an..35 Power type description
7041 an..3 Power type code
7059 an..3 Property class, coded
7064 an..35 Type of packages
7065 an..17 Type of packages identification
7073 an..3 Packaging terms and conditions, coded
7075 an..3 Packaging level, coded
7077 an..3 Item description type, coded
7081 an..3 Item characteristic, coded
7083 an..3 Configuration, coded
7085 an..3 Nature of cargo, coded
7088 an..8 Dangerous goods flashpoint
7102 an..35 Shipping marks
7106 n3 Shipment flashpoint
7110 an..35 Characteristic value
7111 an..3 Characteristic value, coded
7124 n4 UN dangerous goods number
7130 an..17 Customer authorization number
7140 an..35 Item number
7143 an..3 Item number type, coded
7160 an..35 Special service
7161 an..3 Special services, coded
7164 an..12 Hierarchical id. number
@99A 7164 an..35 Hierarchical structure level identifier
7166 an..12 Hierarchical parent id.
@99B 7166 an..35 Hierarchical structure parent identifier
7187 an..17 Process type identification
7224 n..8 Number of packages
7233 an..3 Packaging related information, coded
7273 an..3 Service requirement, coded
7293 an..3 Sector/subject identification qualifier
7294 an..35 Requirement or condition
7295 an..17 Requirement or condition identification
7297 an..3 Set identification qualifier
7364 an..35 Processing indicator description
7365 an..3 Processing indicator, coded
7383 an..3 Surface/layer indicator, coded
7402 an..35 Identity number
7405 an..3 Identity number qualifier
7418 an..35 Hazardous material class
7419 an..4 Hazardous material class code, identification
@01B 7419 an..7 Hazardous material category name code
7491 an..3 Type of inventory affected, coded
7493 an..3 Damage details qualifier
7495 an..3 Identification qualifier
7500 an..256 Damage type description
7501 an..3 Damage type description code
7502 an..35 Damage area description
7503 an..4 Damage area description code
7504 an..35 Unit or component type description
7505 an..3 Unit or component type description code
7506 an..35 Component material description
7507 an..3 Component material description code
7508 an..35 Damage severity description
7509 an..3 Damage severity description code
7511 an..3 Type of marking, coded
8028 an..17 Conveyance reference number
8051 an..3 Transport stage qualifier
8053 an..3 Equipment qualifier
8066 an..17 Mode of transport
8067 an..3 Mode of transport, coded
8077 an..3 Equipment supplier, coded
8078 an..7 Hazard substance/item/page number
8092 an..10 Hazard code version number
8101 an..3 Transit direction, coded
8126 an..10 TREM card number
8154 an..35 Equipment size and type
8155 an..10 Equipment size and type identification
8158 an..4 Hazard identification number, upper part
8169 an..3 Full/empty indicator, coded
8178 an..17 Type of means of transport
8179 an..8 Type of means of transport identification
8186 an4 Substance identification number, lower part
8211 an..3 Permission for transport, coded
8212 an..35 Id. of the means of transport
@05B 8212 an..70 Transport means identification name
8213 an..9 Id. of means of transport identification
@05B 8213 an..35 Transport means identification name identifier
8246 an..4 Dangerous goods label marking
8249 an..3 Equipment status, coded
8255 an..3 Packing instruction, coded
8260 an..17 Equipment identification number
8273 an..3 Dangerous goods regulations, coded
8275 an..3 Container/package status, coded
8281 an..3 Transport ownership, coded
8325 an..3 Category of means of transport, coded
8332 an..26 Equipment plan
8334 an..35 Movement type
8335 an..3 Movement type, coded
8339 an..3 Packing group, coded
8341 an..3 Haulage arrangements, coded
8351 an..7 Hazard code identification
8364 an..6 EMS number
@13A 8364 an..8 Emergency procedure for ships identifier
8393 an..3 Returnable package load contents, coded
8395 an..3 Returnable package freight payment responsibility, coded
8410 an..4 MFAG
8453 an..3 Nationality of means of transport, coded
8457 an..3 Excess transportation reason, coded
8459 an..3 Excess transportation responsibility, coded
8461 an..6 Tunnel restriction code
9010 an..35 Status event
9011 an..3 Status event, coded
9012 an..35 Status reason
@99B 9012 an..256 Status reason
9013 an..3 Status reason, coded
9015 an..3 Status type, coded
9213 an..3 Type of duty regime, coded
9302 an..35 Sealing party
9303 an..3 Sealing party, coded
9308 an..10 Seal number
@00A 9308 an..35 Seal identifier
9321 an..8 Application error identification
9421 an..3 Process stage qualifier
9649 an..3 Processing information code qualifier
`;
