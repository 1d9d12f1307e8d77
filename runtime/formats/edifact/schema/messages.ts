/**
 * Messages between UNH and UNT: `=== id name`, then segments in order. `ALI:5` at most 5 times, `!` mandatory (`DTM!:35`), `RFF:10 { DTM:5 }`
 * a segment group that RFF begins. Groups are numbered SG1, SG2 … in the order of their opening, as the directories do.
 * Base D.96A; `@01B` before an id replaces the message from that directory on.
 */
const parties = 'LOC:25 FII:5 RFF:10 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 }';
const charges = 'QTY { RNG } PCD { RNG } MOA:2 { RNG } RTE { RNG } TAX:5 { MOA }';
const scheduling = 'FTX:5 RFF:5 QTY:10 { DTM:5 }';
const conditions = 'RFF:5 DTM:5 FTX:5';

/** ORDERS, ORDCHG and ORDRSP share their tables; `change` is what the latter two have more. */
const order = (change: string, lineReferences: number, marks: number, lineParties: number): string => `
BGM! DTM!:35 PAI ALI:5 IMD FTX:99 RFF:10 { DTM:5 } ${change} NAD:99 { ${parties} } TAX:5 { MOA LOC:5 } CUX:5 { PCD:5 DTM:5 }
PAT:10 { DTM:5 PCD MOA } TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } PAC:10 { MEA:5 PCI:5 { RFF DTM:5 GIN:${marks} } }
EQD:10 { HAN:5 MEA:5 FTX:5 } SCC:10 { ${scheduling} } APR:25 { DTM:5 RNG } ALC:15 { ALI:5 DTM:5 ${charges} } RCS:100 { ${conditions} }
LIN:200000 { PIA:25 IMD:99 MEA:5 QTY:10 PCD:5 ALI:5 DTM:35 MOA:10 GIN:1000 GIR:1000 QVR DOC:5 PAI FTX:99 CCI:999 { CAV:10 MEA:10 }
  PAT:10 { DTM:5 PCD MOA } ${change} PRI:25 { CUX APR RNG DTM:5 } RFF:${lineReferences} { DTM:5 }
  PAC:10 { MEA:5 QTY:5 DTM:5 RFF { DTM:5 } PCI:5 { RFF DTM:5 GIN:${marks} } } LOC:9999 { QTY DTM:5 } TAX:10 { MOA LOC:5 }
  NAD:${lineParties} { LOC:5 RFF:5 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } } ALC:99 { ALI:5 DTM:5 ${charges} }
  TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } EQD:10 { HAN:5 MEA:5 FTX:5 } SCC:100 { ${scheduling} } RCS:100 { ${conditions} }
  STG:10 { QTY:3 { MOA } } }
UNS! MOA:12 CNT:10 ALC:10 { ALI MOA!:2 }`;

/** Of D.01B, ORDRSP as the directory has it; ORDCHG is taken to be alike. */
const response01B = `
BGM! DTM!:35 PAI ALI:5 IMD:999 FTX:99 GIR:10 RFF:9999 { DTM:5 } AJT { FTX:5 }
NAD:99 { LOC:25 FII:5 RFF:99 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } } TAX:5 { MOA LOC:5 } CUX:5 { PCD:5 DTM:5 }
PAT:10 { DTM:5 PCD MOA } TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } PAC:99 { MEA:5 PCI:99 { RFF DTM:5 GIN:99 } }
EQD:10 { HAN:5 MEA:5 FTX:5 } SCC:10 { ${scheduling} } APR:25 { DTM:5 RNG } ALC:99 { ALI:5 DTM:5 ${charges} }
RCS:999 { RFF:5 DTM:5 FTX:99999 }
LIN:200000 { PIA:25 IMD:99 MEA:99 QTY:99 PCD:5 ALI:5 DTM:35 MOA:10 GIS:99 GIN:1000 GIR:1000 QVR DOC:99 PAI MTD:99 FTX:99
  CCI:999 { CAV:10 MEA:10 } PAT:10 { DTM:5 PCD MOA } AJT { FTX:5 } PRI:25 { CUX APR RNG DTM:5 } RFF:9999 { DTM:5 }
  PAC:99 { MEA:5 QTY:5 DTM:5 RFF { DTM:5 } PCI:99 { RFF DTM:5 GIN:99 } } LOC:9999 { QTY PCD DTM:5 } TAX:10 { MOA LOC:5 }
  NAD:999 { LOC:5 FII:5 RFF:99 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } } ALC:99 { ALI:5 DTM:5 ${charges} }
  TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } EQD:10 { HAN:5 MEA:5 FTX:5 } SCC:100 { ${scheduling} } RCS:999 { RFF:5 DTM:5 FTX:99999 }
  STG:10 { QTY:3 { MOA } } }
UNS! MOA:12 CNT:10 ALC:10 { ALI MOA!:2 }`;

/** A state and what was done about it: each part of a delivery has one in RECADV. */
const state = 'CDI:10 { INP:5 }';

export const messages = `
=== ORDERS Purchase Order Message
${order('', 10, 10, 99)}

=== ORDCHG Purchase Order Change Request Message
${order('AJT { FTX:5 }', 999, 10, 10)}

=== ORDRSP Purchase Order Response Message
${order('AJT { FTX:5 }', 999, 99, 99)}

=== @01B ORDERS Purchase Order Message
BGM! DTM!:35 PAI ALI:5 IMD:999 FTX:99 GIR:10 RFF:9999 { DTM:5 }
NAD:99 { LOC:99 FII:5 RFF:99 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } } TAX:5 { MOA LOC:9 } CUX:5 { PCD:5 DTM:5 }
PAT:10 { DTM:5 PCD MOA:9999 { GIR:9 RJL:99 } } TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } PAC:99 { MEA:5 PCI:5 { RFF DTM:5 GIN:10 } }
EQD:10 { HAN:5 MEA:5 FTX:5 } SCC:10 { ${scheduling} } APR:25 { DTM:5 RNG } ALC:99 { ALI:5 DTM:5 ${charges} }
RCS:999 { RFF:5 DTM:5 FTX:99999 } DGS:999 { FTX:5 CTA:99 { COM:5 } }
LIN:200000 { PIA:25 IMD:99 MEA:99 QTY:99 PCD:5 ALI:5 DTM:35 MOA:10 GIS:99 GIN:1000 GIR:1000 QVR DOC:99 PAI MTD:99 FTX:99
  CCI:999 { CAV:10 MEA:10 } PAT:10 { DTM:5 PCD MOA:9999 { GIR:9 } } PRI:25 { CUX APR:99 RNG DTM:5 } RFF:9999 { DTM:5 GIS:99 MOA:99 }
  PAC:99 { MEA:5 QTY:5 DTM:5 RFF { DTM:5 } PCI:5 { RFF DTM:5 GIN:10 } } LOC:9999 { QTY PCD DTM:5 } TAX:10 { MOA LOC:5 }
  NAD:999 { LOC:5 FII:5 RFF:99 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } } ALC:99 { ALI:5 DTM:5 ${charges} }
  TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } EQD:10 { HAN:5 MEA:5 FTX:5 } SCC:100 { ${scheduling} } RCS:999 { RFF:5 DTM:5 FTX:99999 }
  STG:10 { QTY:3 { MOA } } DGS:999 { FTX:5 CTA:99 { COM:5 } } }
UNS! MOA:99 CNT:10 ALC:10 { ALI MOA!:2 }

=== @01B ORDCHG Purchase Order Change Request Message
${response01B}

=== @01B ORDRSP Purchase Order Response Message
${response01B}

=== DESADV Despatch Advice Message
BGM! DTM:10 ALI:5 MEA:5 MOA:5 RFF:10 { DTM } NAD:10 { LOC:10 RFF:10 { DTM } CTA:10 { COM:5 } } TOD:10 { LOC:5 FTX:5 }
TDT:10 { PCD:6 LOC:10 { DTM:10 } } EQD:10 { MEA:5 SEL:25 EQA:5 HAN:10 { FTX:10 } }
CPS:9999 { FTX:5 PAC:9999 { MEA:10 QTY:10 HAN:10 { FTX:10 } PCI:1000 { RFF DTM:5 GIR:99 GIN:99 { DLM:10 } } }
  LIN:9999 { PIA:10 IMD:25 MEA:10 QTY:10 ALI:10 GIN:100 GIR:100 DLM:100 DTM:5 FTX:5 MOA:5 RFF:10 { DTM } DGS:10 { QTY FTX:5 }
    LOC:100 { NAD DTM QTY:10 } SGP:1000 { QTY:10 } PCI:9999 { DTM:5 MEA:10 QTY GIN:10 { DLM:100 } HAN:10 { FTX:5 GIN:1000 } } QVR:10 { DTM:5 } } }
CNT:5

=== @01B DESADV Despatch Advice Message
BGM! DTM:10 ALI:5 MEA:5 MOA:5 CUX:9 RFF:10 { DTM } NAD:99 { LOC:10 RFF:10 { DTM } CTA:10 { COM:5 } } TOD:10 { LOC:5 FTX:5 }
TDT:10 { PCD:6 TMD LOC:10 { DTM:10 } } EQD:10 { MEA:5 SEL:25 EQA:5 HAN:10 { FTX:10 } }
CPS:9999 { FTX:5 QVR:9
  PAC:9999 { MEA:10 QTY:10 HAN:10 { FTX:10 } PCI:1000 { RFF DTM:5 GIR:99 { DTM:5 } GIN:99 { DLM:10 } COD:99 { MEA:9 QTY:9 PCD:9 } } }
  LIN:9999 { PIA:10 IMD:25 MEA:10 QTY:10 ALI:10 GIN:100 GIR:100 DLM:100 DTM:5 NAD:99 TDT TMD HAN:20 FTX:99 MOA:5 RFF:99 { NAD CTA DTM }
    DGS:9999 { QTY FTX:5 } LOC:100 { NAD DTM QTY:10 } SGP:1000 { QTY:10 }
    PCI:9999 { DTM:5 MEA:10 QTY GIN:10 { DLM:100 } HAN:10 { FTX:5 GIN:1000 } } QVR:10 { DTM:5 } } }
CNT:5

=== RECADV Receiving Advice Message
BGM! DTM!:10 ALI:5 RFF:10 { DTM } DOC:10 { ${state} } NAD!:10 { LOC:10 RFF:10 { DTM } CTA:10 { COM:5 } }
TOD:10 { ${state} LOC:10 { CDI:10 } } TDT:10 { DTM:10 CDI:10 } EQD:9999 { ${state} SEL:25 { CDI!:10 } EQA:10 { ${state} } }
CPS:9999 { PAC:9999 { QVR PCI:999 { RFF ${state} GIN:999 { ${state} } } }
  LIN:9999 { PIA:10 IMD:25 QTY:10 QVR:10 DTM:5 ${state} DOC:10 { ${state} } GIN:99 { ${state} } RFF:10 { DTM }
    PCI:9999 { QTY QVR ${state} GIN:10 { ${state} } } } }
CNT

=== @01B RECADV Receiving Advice Message
BGM! DTM!:10 ALI:5 CUX:9 FTX:99 RFF:10 { DTM GEI:99 MOA:99 ALC } DOC:10 { ${state} } NAD!:99 { LOC:10 RFF:10 { DTM } CTA:10 { COM:5 } }
TOD:10 { ${state} LOC:10 { CDI:10 } } TDT:10 { DTM:10 CDI:20 } EQD:9999 { ${state} SEL:25 { CDI!:10 } EQA:10 { ${state} } }
CPS:9999 { PAC:9999 { QVR PCI:999 { RFF ${state} GIN:999 { ${state} } } }
  LIN:9999 { PIA:10 IMD:25 QTY:10 QVR:10 DTM:5 PRI FTX:99 NAD:99 ${state} DOC:10 { ${state} } GIN:99 { ${state} }
    RFF:10 { DTM GEI:99 MOA:99 ALC } PCI:9999 { QTY QVR ${state} GIN:10 { ${state} } } } }
CNT

=== INVOIC Invoice Message
BGM! DTM!:35 PAI ALI:5 IMD FTX:10 RFF:99 { DTM:5 } NAD:99 { LOC:25 FII:5 RFF:9999 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } }
TAX:5 { MOA LOC:5 } CUX:5 { DTM:5 } PAT:10 { DTM:5 PCD MOA PAI FII } TDT:10 { LOC:10 { DTM:5 } RFF:9999 { DTM:5 } } TOD:5 { LOC:2 }
PAC:1000 { MEA:5 PCI:5 { RFF DTM:5 GIN:5 } } ALC:9999 { ALI:5 RFF:5 { DTM:5 } ${charges} } RCS:100 { ${conditions} } AJT { FTX:5 } INP { FTX:5 }
LIN:9999999 { PIA:25 IMD:10 MEA:5 QTY:5 PCD ALI:5 DTM:35 GIN:1000 GIR:1000 QVR EQD FTX:5 MOA:5 { CUX } PAT:10 { DTM:5 PCD MOA }
  PRI:25 { APR RNG DTM:5 } RFF:10 { DTM:5 } PAC:10 { MEA:10 PCI:10 { RFF DTM:5 GIN:10 } } LOC:9999 { QTY:100 DTM:5 } TAX:99 { MOA LOC:5 }
  NAD:20 { LOC:5 RFF:5 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } } ALC:15 { ALI:5 DTM:5 ${charges} }
  TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } RCS:100 { ${conditions} } }
UNS! CNT:10 MOA!:100 { RFF { DTM:5 } } TAX:10 { MOA:2 } ALC:15 { ALI MOA:2 }

=== @01B INVOIC Invoice Message
BGM! DTM!:35 PAI ALI:5 IMD FTX:99 LOC:10 GIS:10 DGS GIR:10 RFF:99999 { DTM:5 GIR:5 LOC:2 MEA:5 QTY:2 FTX:5 MOA:2 RTE:99 }
NAD:99 { LOC:25 FII:5 MOA:99 RFF:9999 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } } TAX:5 { MOA LOC:5 } CUX:99 { DTM:5 }
PAT:10 { DTM:5 PCD MOA PAI FII } TDT:10 { TSR LOC:10 { DTM:5 } RFF:9999 { DTM:5 } } TOD:5 { LOC:2 } EQD:99 { SEL:9 }
PAC:1000 { MEA:5 EQD PCI:5 { RFF DTM:5 GIN:5 } }
ALC:9999 { ALI:5 FTX RFF:5 { DTM:5 } QTY { RNG } PCD { RNG } MOA:2 { RNG CUX DTM } RTE { RNG } TAX:5 { MOA } }
RCS:100 { ${conditions} } AJT { FTX:5 } INP { FTX:5 }
LIN:9999999 { PIA:25 PGI:99 IMD:99 MEA:5 QTY:5 PCD ALI:5 DTM:35 GIN:1000 GIR:1000 QVR EQD FTX:99 DGS MOA:99 { CUX }
  PAT:10 { DTM:5 PCD:99 MOA } PRI:25 { CUX APR RNG DTM:5 } RFF:10 { DTM:5 } PAC:10 { MEA:10 EQD PCI:10 { RFF DTM:5 GIN:10 } }
  LOC:9999 { QTY:100 DTM:5 } TAX:99 { MOA:2 LOC:5 } NAD:99 { LOC:5 FII:5 RFF:5 { DTM:5 } DOC:5 { DTM:5 } CTA:5 { COM:5 } }
  ALC:30 { ALI:5 DTM:5 FTX QTY { RNG } PCD { RNG } MOA:2 { RNG CUX DTM } RTE { RNG } TAX:5 { MOA:2 } }
  TDT:10 { LOC:10 { DTM:5 } } TOD:5 { LOC:2 } RCS:100 { ${conditions} } GIS:10 { RFF DTM:5 GIR:5 LOC:2 MEA:5 QTY:2 FTX:5 MOA:2 } }
UNS! CNT:10 MOA!:100 { RFF { DTM:5 } } TAX:10 { MOA:9 } ALC:15 { ALI MOA:2 FTX }

=== INVRPT Inventory Report Message
BGM! DTM!:10 RFF:10 { DTM } NAD:20 { LOC:5 RFF:10 { DTM } CTA:10 { COM:5 } } CUX:5 { DTM }
CPS:9999 { PAC:999 { PCI:1000 QTY:9999 { GIN:9999 DTM:5 } } }
LIN:9999 { PIA:10 IMD:10 MEA:10 ALI:10 LOC:5 DTM:5 RFF:10 { DTM }
  QTY:9999 { INV GIN:9999 LOC:5 DTM:5 STS:9 NAD:5 { LOC } PRI:5 { CUX DTM } RFF:10 { DTM }
    CPS:9999 { PAC:9999 { MEA:10 QTY:10 PCI:9999 { RFF DTM:5 GIN:9999 } } } } }

=== @01B INVRPT Inventory Report Message
BGM! FTX:99 DTM!:10 RFF:10 { DTM } NAD:20 { LOC:5 RFF:99 { DTM } CTA:10 { COM:5 } } CUX:5 { DTM }
CPS:9999 { PAC:999 { PCI:1000 QTY:9999 { GIN:9999 DTM:5 } } }
LIN:9999999 { PIA:10 IMD:10 NAD MEA:10 ALI:10 LOC:5 DTM:5 FTX:99 RFF:10 { DTM }
  INV:9999 { QTY! GIN:9999 LOC:5 DTM:5 STS:9 NAD:5 { LOC } PRI:5 { CUX DTM } RFF:10 { DTM }
    CPS:9999 { PAC:9999 { MEA:10 QTY:10 PCI:9999 { RFF DTM:5 GIN:9999 GIR:99 { DTM:5 } } } } } }

=== IFTSTA International Multimodal Status Report Message
BGM! DTM:9 TSR NAD:9 { CTA:9 { COM:9 } } RFF:9 { DTM } LOC:9 FTX:9 CNT:9
CNI:999 { LOC:9 CNT:9
  STS!:99 { RFF:9 DTM:9 DOC FTX:9 NAD:9 LOC PCI:99 TDT:99 { RFF:9 LOC:9 DTM:9 } EQD:99 { MEA:9 DIM:9 SEL:9 EQA:99 { SEL:9 } }
    GID:99 { HAN:9 MEA:99 { EQN } DIM:99 { EQN } PCI:99 { GIN:9 } } } }

=== @01B IFTSTA International Multimodal Status Report Message
BGM! DTM:9 TSR NAD:9 { CTA:9 { COM:9 } } RFF:9 { DTM } LOC:9 FTX:9 CNT:9
CNI:99999 { LOC:9 CNT:9
  STS!:99 { RFF:999 DTM:9 DOC FTX:9 NAD:9 { CTA:9 { COM:9 } } LOC PCI:99 TDT:99 { DTM:9 RFF:9 LOC:9 { DTM:9 } }
    EQD:99 { MEA:9 DIM:9 SEL:9 RFF:9 TPL:9 TMD EQA:99 { SEL:9 } }
    GID:99 { HAN:9 SGP:99 DGS:9 FTX:9 MEA:99 { EQN } DIM:99 { EQN } PCI:99 { GIN:9 } } } }

=== APERAK Application Error and Acknowledgement Message
BGM! DTM:9 FTX:9 CNT:9 RFF:9 { DTM:9 } NAD:9 { CTA:9 COM:9 } ERC:999 { FTX RFF { FTX:9 } }

=== @01B APERAK Application Error and Acknowledgement Message
BGM! DTM:9 FTX:9 CNT:9 DOC:99 { DTM:99 } RFF:9 { DTM:9 } NAD:9 { CTA:9 COM:9 } ERC:99999 { FTX RFF:9 { FTX:9 } }

=== CONTRL Syntax and Service Report Message
UCI! UCM:999999 { UCS:999 { UCD:99 } } UCF:999999 { UCM:999999 { UCS:999 { UCD:99 } } }
`;
