/**
 * Composites of the UN/EDIFACT directories: `Cnnn parts | name`, `!` mandatory, `(7102)x9` a run. Base D.96A; `@01B` before a line replaces
 * it from that directory on.
 */
export const composites = `
C001 8179 1131 3055 8178 | Transport means
C002 1001 1131 3055 1000 | Document/message name
C003 7041 1131 3055 7040 | Power type
C012 7365 1131 3055 7364 | Processing indicator
C019 4277 1131 3055 4276 | Payment terms
C040 3127 1131 3055 3128 | Carrier
@06A C040 3127 1131 3055 3126 | Carrier
C056 3413 3412 | Department or employee details
C058 3124! (3124)x4 | Name and address
C059 3042! (3042)x3 | Street
C076 3148! 3155! | Communication contact
C078 3194 3192 3192 6345 | Account identification
C080 3036! (3036)x4 3045 | Party name
C082 3039! 1131 3055 | Party identification details
C088 3433 1131 3055 3434 1131 3055 3432 3436 | Institution identification
C100 4053 1131 3055 4052 4052 | Terms of delivery or transport
C106 1004 1056 1060 | Document/message identification
C107 4441! 1131 3055 | Text reference
C108 4440! (4440)x4 | Text literal
C110 4277! 1131 3055 4276 4276 | Payment terms
C112 2475! 2009 2151 2152 | Terms/time information
C128 5419! 5420! 5284 6411 | Rate details
C138 5394! 5393 | Price multiplier information
C174 6411! 6314 6162 6152 6432 | Value/range
@16A C174 6411 6314 6162 6152 6432 | Value/range
C186 6063! 6060! 6411 | Quantity details
C202 7065 1131 3055 7064 | Package type
C205 8351! 8078 8092 | Hazard code
C206 7402! 7405 4405 | Identification number
C208 7402! 7402 | Identity number range
C210 7102! (7102)x9 | Marks and labels
C211 6411! 6168 6140 6008 | Dimensions
@13A C211 6411! 6168 6140 6008 6182 | Dimensions
C212 7140 7143 1131 3055 | Item number identification
C213 7224 7065 1131 3055 7064 | Number and type of packages
@97A C213 7224 7065 1131 3055 7064 7233 | Number and type of packages
C214 7161 1131 3055 7160 7160 | Special services identification
C215 9303 1131 3055 9302 | Seal issuer
C218 7419 1131 3055 | Hazardous material
@96B C218 7419 1131 3055 7418 | Hazardous material
C219 8335 8334 | Movement type
C220 8067 8066 | Mode of transport
C222 8213 1131 3055 8212 8453 | Transport identification
C223 7106 6411 | Dangerous goods shipment flashpoint
C224 8155 1131 3055 8154 | Equipment size and type
C228 8179 8178 | Transport means
C233 7273! 1131 3055 7273 1131 3055 | Service
C234 7124 7088 | UNDG information
C235 8158 8186 | Hazard identification
C236 8246 8246 8246 | Dangerous goods label
@01B C236 (8246)x4 | Dangerous goods label
C237 8260 1131 3055 3207 | Equipment identification
C239 6246 6411 | Temperature setting
C240 7037! 1131 3055 7036 7036 | Product characteristic
C241 5153 1131 3055 5152 | Duty/tax/fee type
C243 5279 1131 3055 5278 5273 1131 3055 | Duty/tax/fee detail
C270 6069! 6066! 6411 | Control
C272 7081 1131 3055 | Item characteristic
C273 7009 1131 3055 7008 7008 3453 | Item description
C279 6064! 6063 | Quantity difference information
C280 6411! 6162 6152 | Range
C288 5389 1131 3055 5388 | Product group
C289 8461 1131 3055 | Tunnel restriction
C329 2013 2015 2017 | Pattern description
C401 8457! 8459! 7130 | Excess transportation information
C402 7077! 7064! 7143 7064 7143 | Package type identification
C501 5245! 5482 5249 1131 3055 | Percentage details
C502 6313 6321 6155 6154 | Measurement details
C503 1004 1373 1366 3453 | Document/message details
@98B C503 1004 1373 1366 3453 1056 1060 | Document/message details
C504 6347! 6345 6343 6348 | Currency details
C506 1153! 1154 1156 4000 | Reference
@98B C506 1153! 1154 1156 4000 1060 | Reference
@06A C506 1153! 1154 1156 1056 1060 | Reference
C507 2005! 2380 2379 | Date/time/period
C509 5125! 5118 5375 5387 5284 6411 | Price information
C516 5025! 5004 6345 6343 4405 | Monetary amount
C517 3225 1131 3055 3224 | Location identification
C519 3223 1131 3055 3222 | Related location one identification
C522 4403! 4401 1131 3055 4400 | Instruction
C523 6350 6353 | Number of unit details
C524 4079 1131 3055 4078 | Handling instructions
C529 7365! 1131 3055 7187 | Processing indicator
C531 7075 7233 7073 | Packaging details
C532 8395 8393 | Returnable package details
C533 5289! 1131 3055 | Duty/tax/fee account detail
C534 4439 4431 4461 1131 3055 4435 | Payment instruction details
C536 4065! 1131 3055 | Contract and carriage condition
C537 4219! 1131 3055 | Transport priority
C550 7295! 1131 3055 7294 | Requirement/condition identification
C552 1230 5189 | Allowance/charge information
C553 3233 1131 3055 3232 | Related location two identification
C555 9011! 1131 3055 9010 | Status event
@98B C555 4405! 1131 3055 4404 | Status
C556 9013! 1131 3055 9012 | Status reason
C564 7007 1131 3055 7006 | Physical or logical state information
C595 1171! 1131 3055 1170 | Accounting journal identification
C596 4475! 1131 3055 4474 | Accounting entry type details
C601 9015! 1131 3055 | Status type
C703 7085! 1131 3055 | Nature of cargo
C819 3229 1131 3055 3228 | Country sub-entity details
C821 7501 1131 3055 7500 | Type of damage
C822 7503 1131 3055 7502 | Damage area
C823 7505 1131 3055 7504 | Type of unit or component
C824 7507 1131 3055 7506 | Component material
C825 7509 1131 3055 7508 | Damage severity
C826 1229 1131 3055 1228 | Action
C827 7511! 1131 3055 | Type of marking
C829 5495 1082 | Sub-line information
C849 3301! 3285 | Parties to instruction
C850 4405! 3036 | Status of instruction
C889 7111 1131 3055 7110 7110 | Characteristic value
C901 9321! 1131 3055 | Application error detail
C960 4295 1131 3055 4294 | Reason for change
S001 0001! 0002! | Syntax identifier
S002 0004! 0007 0008 | Interchange sender
S003 0010! 0007 0014 | Interchange recipient
S004 0017! 0019! | Date and time of preparation
S005 0022! 0025 | Recipient's reference, password
S006 0040! 0007 | Application sender's identification
S007 0044! 0007 | Application recipient's identification
S008 0052! 0054! 0057 | Message version
S009 0065! 0052! 0054! 0051! 0057 0110 0113 | Message identifier
S010 0070! 0073 | Status of the transfer
S011 0098! 0104 | Data element identification
`;
