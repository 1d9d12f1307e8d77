/** Answers of the API for the dev server alone, until the real one is there. Never shipped. */
import type * as C from '../../tracker/api/contract.ts';

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const day = (days: number): string => ago(-days * 1440).slice(0, 10);
const stage = (today: number, inFlight = 0, failed = 0, parked = 0): C.Stage => ({
  today,
  inFlight,
  failed,
  parked,
  ...(inFlight + failed + parked > 0 && { oldestAt: ago(42) }),
});
const flow = (
  integration: string,
  source: C.Flow['source'],
  inbox: C.Stage,
  to: [string, C.FlowDestination['to'], C.Stage][],
  more: Partial<C.Flow> = {},
): C.Flow => ({
  integration,
  documentTypes: [`${integration}.v1`],
  source,
  state: 'Ready',
  inbox,
  destinations: to.map(([name, to, stage]) => ({ name, to, stage })),
  ...more,
});
const http = { kind: 'Http' } as const;
const partners = { kind: 'Partners' } as const;
const flows: C.Flow[] = [
  flow('purchase-order', { kind: 'Http', name: 'erp' }, stage(200), [['supplier', { kind: 'Partner' }, stage(197, 3)]]),
  flow('order-response', partners, stage(188), [['erp', { kind: 'System', name: 'erp' }, stage(186, 2)]]),
  flow('ship-notice', partners, stage(143, 4), [['wms', { kind: 'System', name: 'wms' }, stage(137, 0, 4)]], {
    state: 'Degraded',
    impact: '4 ship notices of 2 suppliers wait, oldest 42 min',
  }),
  flow(
    'receipt',
    { kind: 'Http', name: 'wms' },
    stage(120),
    [['erp', { kind: 'System', name: 'erp' }, stage(112, 1, 0, 6)]],
    { state: 'Degraded' },
  ),
  flow('goods-receipt-posted', { kind: 'Events' }, stage(112), [['wms', { kind: 'System', name: 'wms' }, stage(112)]]),
  flow('invoice', partners, stage(96), [['erp', { kind: 'System', name: 'erp' }, stage(96)]], {
    state: 'Held',
    message: 'Held by anna: month end',
  }),
];
void http;
const MILESTONES = [
  'Released',
  'Confirmed',
  'Shipped',
  'VisibleToWarehouse',
  'Received',
  'Posted',
  'Invoiced',
  'Matched',
];
const REACHED = [200, 188, 139, 137, 118, 112, 96, 81];
const overview = (): C.Overview => ({
  at: ago(0),
  intake: stage(640, 2, 3),
  acknowledgments: stage(311, 1),
  flows,
  processes: [
    {
      process: 'inbound',
      keyName: 'purchaseOrder',
      open: 119,
      complete: 81,
      cancelled: 2,
      late: 7,
      milestones: MILESTONES.map((name, i) => ({
        name,
        reached: REACHED[i]!,
        partly: i === 2 || i === 4 ? 11 : 0,
        open: 200 - REACHED[i]! - (i === 2 || i === 4 ? 11 : 0),
      })),
    },
  ],
  sla: [
    {
      policy: 'supplier-response',
      objective: 'ConfirmedInADay',
      pending: 9,
      warning: 3,
      breached: 4,
      met: 171,
      metLate: 6,
    },
    {
      policy: 'supplier-response',
      objective: 'NoticeBeforeArrival',
      pending: 41,
      warning: 5,
      breached: 3,
      met: 128,
      metLate: 2,
    },
    { policy: 'posting', objective: 'PostedInAnHour', pending: 4, warning: 0, breached: 0, met: 108, metLate: 0 },
  ],
  atRisk: { orders: 23, money: [{ amount: '48210.50', currency: 'EUR' }] },
  exceptions: {
    open: 31,
    overdue: 5,
    unassigned: 12,
    bySeverity: [
      { severity: 'Warning', count: 19 },
      { severity: 'Info', count: 12 },
    ],
  },
  deadLetters: { count: 7, oldestAt: ago(97) },
  parked: { count: 6, oldestAt: ago(42) },
  inFlight: { count: 13, oldestAt: ago(3) },
  holds: 1,
  troubles: [],
});
const SUPPLIERS = ['acme-supplies', 'nordic-parts', 'baltic-tools', 'sunrise-goods'];
const pick = <T>(from: readonly T[], i: number): T => from[i % from.length]!;
const milestones = (n: number): C.Milestone[] =>
  MILESTONES.map((name, i) => ({
    name,
    state: i < n ? 'Reached' : i === n ? 'Partly' : 'Open',
    ...(i < n && { at: ago(3000 - i * 300) }),
    ...(i === n && { done: 2, of: 5 }),
  }));
const row = (i: number): C.TransactionRow => ({
  process: 'inbound',
  key: `PO-${1001 + i}`,
  state: i % 5 === 4 ? 'Complete' : 'Open',
  partners: [pick(SUPPLIERS, i)],
  openedAt: ago(4000 - i * 37),
  changedAt: ago(400 - i * 7),
  milestones: milestones(i % 5 === 4 ? 8 : (i * 3) % 8),
  late: i % 7 === 2,
  warning: i % 7 === 3,
  exceptions: i % 4 === 1 ? 1 + (i % 3) : 0,
  atRisk: i % 4 === 1 ? [{ amount: `${320 + i * 111}.40`, currency: 'EUR' }] : [],
  value: [{ amount: `${1200 + i * 733}.00`, currency: 'EUR' }],
});
const exception = (i: number): C.ExceptionItem => ({
  process: 'inbound',
  key: `PO-${1001 + i}`,
  id: `e${i}`,
  openedAt: ago(900 - i * 11),
  match: pick(['three-way', 'arrival'], i),
  kind: pick(['QuantityInvoicedOverReceived', 'PriceVariance', 'Damaged', 'Short', 'ItemSubstituted'], i),
  line: String(1 + (i % 3)),
  expected: pick(['40', '12.50', '100'], i),
  actual: pick(['46', '13.10', '92'], i),
  ...(i % 3 !== 2 && { money: { amount: `${90 + i * 57}.20`, currency: 'EUR' } }),
  severity: pick(['Warning', 'Info', 'Critical'] as const, i),
  partners: [pick(SUPPLIERS, i)],
  ...(i % 3 !== 1 && { owner: pick(['procurement', 'warehouse', 'anna'], i) }),
  dueAt: ago(60 * (2 - i)),
  overdue: i < 2,
  escalated: i === 1,
  acts: i === 0 ? [{ kind: 'Comment', by: 'anna', at: ago(20), text: 'Asked the supplier for a credit note.' }] : [],
});
const doc = (i: number, type: string, more: Partial<C.TimelineDocument> = {}): C.TimelineDocument => ({
  id: `doc-${i}`,
  type,
  origin: 'partner',
  source: 'partner/acme-supplies',
  at: ago(3000 - i * 260),
  state: 'Delivered',
  keys: [{ name: 'purchaseOrder', value: 'PO-1002' }, ...(i > 1 ? [{ name: 'shipment', value: 'SHP-77120' }] : [])],
  accounts: [
    {
      destination: `${type.split('.')[0]}/erp`,
      state: 'Delivered',
      outcome: 'Delivered',
      attempt: 1,
      at: ago(2999 - i * 260),
    },
  ],
  ...more,
});
const detail = (): C.TransactionDetail => ({
  ...row(1),
  keyName: 'purchaseOrder',
  expectedOn: day(2),
  shipTo: 'BER1',
  objectives: [
    {
      policy: 'supplier-response',
      name: 'ConfirmedInADay',
      from: 'Released',
      to: 'Confirmed',
      severity: 'Warning',
      status: 'Met',
      dueAt: ago(2000),
      at: ago(2500),
    },
    {
      policy: 'supplier-response',
      name: 'NoticeBeforeArrival',
      to: 'Shipped',
      severity: 'Critical',
      status: 'Warning',
      dueAt: ago(-90),
      warnAt: ago(30),
    },
  ],
  lines: [1, 2, 3, 4, 5].map((n) => ({
    id: String(n),
    item: `0401234500${n}121`,
    unit: 'EA',
    price: `${12 + n}.50`,
    currency: 'EUR',
    ordered: `${n * 40}`,
    confirmed: `${n * 40}`,
    shipped: `${n * 40 - (n === 2 ? 8 : 0)}`,
    ...(n < 4 && { received: `${n * 40 - (n === 2 ? 8 : 0) - (n === 3 ? 2 : 0)}` }),
    ...(n === 3 && { damaged: '2' }),
    ...(n < 3 && { invoiced: `${n * 40}` }),
    open: `${n < 4 ? (n === 2 ? 8 : n === 3 ? 2 : 0) : n * 40}`,
  })),
  matches: [
    { name: 'three-way', state: 'Differs' },
    { name: 'arrival', state: 'Agrees' },
  ],
  exceptionItems: [exception(0), { ...exception(3), closedAt: ago(10), closedBy: 'Cause' }],
  problems: [],
  timeline: [
    doc(0, 'purchase-order.v1', {
      origin: 'system',
      source: 'system/erp',
      acknowledgment: { state: 'Accepted', at: ago(2990) },
    }),
    doc(1, 'order-response.v1'),
    doc(2, 'ship-notice.v1'),
    doc(3, 'receipt.v1', {
      origin: 'system',
      source: 'system/wms',
      state: 'Parked',
      accounts: [
        {
          destination: 'receipt/erp',
          state: 'Parked',
          outcome: 'Parked',
          attempt: 3,
          at: ago(1000),
          error: { class: 'BusinessRejected', code: 'UNKNOWN_ITEM', message: 'item 04012345003121 is not in the ERP' },
        },
      ],
    }),
    doc(4, 'invoice.v1'),
  ],
  facts: [
    { id: 'f1', milestone: 'Confirmed', at: ago(2500), by: 'anna', reason: 'by phone, Ms Wu', recordedAt: ago(2490) },
  ],
  links: [{ name: 'ERP', url: 'https://erp.example.com/PO-1002' }],
});
const group = (i: number): C.DeadLetterGroup => ({
  fingerprint: `fp${i}`,
  state: i === 2 ? 'Parked' : 'DeadLettered',
  class: pick(['DecodeFailed', 'ValidationFailed', 'BusinessRejected', 'DeliveryFailed'], i),
  code: pick(['SegmentTerminatorMissing', 'OrderIsOpen', 'UNKNOWN_ITEM', 'Status503'], i),
  integration: pick(['', 'ship-notice', 'receipt', 'ship-notice'], i),
  destination: pick(['', 'ship-notice', 'receipt/erp', 'ship-notice/wms'], i),
  message: pick(
    [
      'the interchange ends within segment LIN',
      'order … is not open',
      'item … is not in the ERP',
      'PUT /asns/… answered 503',
    ],
    i,
  ),
  count: [3, 1, 6, 4][i]!,
  firstAt: ago(300),
  lastAt: ago(12 * i + 3),
  partners: SUPPLIERS.slice(i % 2, (i % 2) + 2),
  example: 'doc-3',
  ...(i === 3 && { impact: '4 ship notices of 2 suppliers wait, oldest 42 min' }),
});
const payloads: C.PayloadRef[] = [
  {
    n: 0,
    stage: 'Received',
    destination: '',
    at: ago(100),
    contentType: 'application/edi-x12',
    bytes: 812,
    kept: true,
    words: true,
    epoch: 0,
    hash: 'a1b2c3',
  },
  {
    n: 1,
    stage: 'Canonical',
    destination: '',
    at: ago(100),
    contentType: 'application/json',
    bytes: 402,
    kept: true,
    words: false,
    epoch: 0,
    hash: 'd4e5',
  },
  {
    n: 2,
    stage: 'Sent',
    destination: 'ship-notice/wms',
    at: ago(99),
    contentType: 'application/json',
    bytes: 380,
    kept: true,
    words: false,
    epoch: 0,
    hash: 'f6',
  },
];
const json = (value: unknown): string => JSON.stringify(value, null, 2);
const X12 =
  'ISA*00*          *00*          *ZZ*ACME           *ZZ*EXDIST         *261123*1904*U*00401*000000123*0*P*>~\nGS*SH*ACME*EXDIST*20261123*1904*123*X*004010~\nST*856*0001~\nBSN*00*SHP-77120*20261123*1904~\nHL*1**S~\nHL*2*1*O~\nPRF*PO-1002~\nHL*3*2*I~\nLIN*1*SK*A-100~\nSN1*1*40*EA~\nSE*9*0001~\nGE*1*123~\nIEA*1*000000123~';
const payload = (n: number, words: boolean): C.PayloadText => ({
  n,
  contentType: payloads[n]!.contentType,
  redacted: n === 1 ? ['/contact/email'] : [],
  text: [
    X12,
    json({
      shipmentNumber: 'SHP-77120',
      issuedAt: '2026-11-23',
      contact: { email: '•••' },
      orders: [
        { orderNumber: 'PO-1002', lines: [{ orderLine: 1, gtin: '04012345001121', quantity: '40', unit: 'EA' }] },
      ],
    }),
    json({
      asn: 'SHP-77120',
      warehouse: 'BER1',
      positions: [{ order: 'PO-1002', line: 1, gtin: '04012345001121', quantity: '40' }],
    }),
  ][n]!,
  ...(words && {
    words: {
      format: 'X12 004010',
      segments: X12.split('~\n').map((raw, i) => ({
        position: i + 1,
        level: raw.startsWith('HL') ? 2 : 1,
        tag: raw.split('*')[0]!,
        name:
          {
            ISA: 'Interchange control header',
            BSN: 'Beginning of ship notice',
            HL: 'Hierarchical level',
            LIN: 'Item identification',
            SN1: 'Item detail (shipment)',
            PRF: 'Purchase order reference',
          }[raw.split('*')[0]!] ?? '',
        raw,
        elements: raw
          .split('*')
          .slice(1)
          .map((value, j) => ({
            ref: `${raw.split('*')[0]}${String(j + 1).padStart(2, '0')}`,
            name: 'Element',
            value,
          })),
      })),
    },
  }),
});
const documentDetail = (): C.DocumentDetail => ({
  ...detail().timeline[2]!,
  entries: [
    { id: 'x1', at: ago(100), outcome: 'Accepted', destination: '', epoch: 0, attempt: 1 },
    { id: 'x2', at: ago(100), outcome: 'Routed', destination: 'ship-notice', epoch: 0, attempt: 1 },
    {
      id: 'x3',
      at: ago(99),
      outcome: 'Retrying',
      destination: 'ship-notice/wms',
      epoch: 0,
      attempt: 1,
      error: { class: 'DeliveryFailed', code: 'Status503', message: 'PUT /asns/SHP-77120 answered 503' },
    },
    {
      id: 'x4',
      at: ago(98),
      outcome: 'Delivered',
      destination: 'ship-notice/wms',
      epoch: 0,
      attempt: 2,
      detail: { status: 200 },
    },
  ],
  ancestors: [],
  descendants: [{ id: 'doc-3', type: 'receipt.v1', at: ago(90) }],
  payloads,
  transactions: [{ process: 'inbound', key: 'PO-1002' }],
  mayResubmit: true,
  mayResend: true,
});
const score = (i: number): C.Scorecard => ({
  transactions: 50 + i * 11,
  openTransactions: 12 + i,
  confirmationSeconds: 3600 * (2 + i * 5),
  acknowledgmentSeconds: 40 + i * 90,
  asnAccuracy: 0.99 - i * 0.07,
  onTime: 0.98 - i * 0.09,
  openExceptions: i * 4,
  deadLetters: i,
  lastDocumentAt: ago(5 + i * 40),
});
const partner = (i: number): C.PartnerRow => ({
  name: SUPPLIERS[i]!,
  displayName: ['Acme Supplies GmbH', 'Nordic Parts AB', 'Baltic Tools OÜ', 'Sunrise Goods Ltd'][i]!,
  usage: i === 3 ? 'Test' : 'Production',
  onboarding: i === 3 ? 'Testing' : 'Live',
  state: i === 2 ? 'Degraded' : 'Ready',
  scorecard: score(i),
});
const weeks = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((w) => day(-7 * w));
const condition = (type: string, ok = true): C.Condition => ({
  type,
  status: ok ? 'True' : 'False',
  reason: ok ? 'AllGood' : 'DestinationFails',
  message: ok ? '' : 'wms answers 503 since 42 min',
  at: ago(200),
});
const hold = (): C.HoldRow => ({
  name: 'invoice-1',
  targetKind: 'Integration',
  targetName: 'invoice',
  direction: 'Both',
  reason: 'month end: invoices wait for the new period',
  until: ago(-600),
  by: 'anna',
  createdAt: ago(40),
  active: true,
});
const replay = (i: number): C.ReplayRow => ({
  name: `after-erp-outage-${i}`,
  reason: 'ERP outage of 20 November, INC-4711',
  by: 'anna',
  mode: i === 1 ? 'DryRun' : 'Run',
  state: pick(['Running', 'Succeeded', 'AwaitingApproval'] as const, i),
  selector: { integration: 'receipt', class: 'DeliveryFailed', since: ago(4000) },
  ratePerSecond: 20,
  selected: 120,
  done: i === 0 ? 76 : 120,
  failed: i === 0 ? 1 : 0,
  approvals: [],
  createdAt: ago(30 + i * 500),
  outcomes: [{ document: 'doc-3', outcome: 'Delivered' }],
});

export function answer(path: string, query: URLSearchParams): unknown {
  const rows = Array.from({ length: 24 }, (_, i) => row(i));
  const table: [RegExp, () => unknown][] = [
    [
      /^\/me$/,
      (): C.Me => ({
        user: 'anna',
        displayName: 'Anna Berg',
        roles: ['Viewer', 'Operator'],
        mayReadPayloads: true,
        session: 'Local',
        namespace: 'default',
        csrf: 'x',
        now: ago(0),
        links: [],
      }),
    ],
    [/^\/overview$/, overview],
    [
      /^\/today$/,
      (): C.Today => ({
        day: day(0),
        days: 3,
        arrivals: ['BER1', 'HAM2'].map((shipTo, w) => ({
          shipTo,
          present: 6 - w,
          absent: 2,
          mismatched: 1,
          expected: Array.from({ length: 9 - w }, (_, i) => ({
            process: 'inbound',
            key: `PO-${1040 + i + w * 20}`,
            partners: [pick(SUPPLIERS, i)],
            expectedOn: day(i % 3),
            asn: i % 4 === 1 ? 'Absent' : i === 6 ? 'Mismatched' : 'Present',
            shipments: i % 4 === 1 ? [] : [`SHP-${77100 + i}`],
            lines: 5,
            announced: i % 4 === 1 ? 0 : i === 6 ? 3 : 5,
            received: i === 0,
            ...(i % 4 === 1 && { dueAt: ago(-60 * i) }),
          })),
        })),
        unconfirmed: [0, 1, 2, 3].map((i) => ({
          process: 'inbound',
          key: `PO-${1180 + i}`,
          partners: [pick(SUPPLIERS, i)],
          releasedAt: ago(1700 - i * 300),
          expectedOn: day(4),
          dueAt: ago(120 - i * 100),
          status: i < 2 ? 'Breached' : 'Warning',
          value: [{ amount: `${4000 + i * 812}.00`, currency: 'EUR' }],
        })),
      }),
    ],
    [
      /^\/transactions$/,
      (): C.TransactionList => ({
        items: rows,
        next: 'x',
        ...(query.get('q')?.includes(' ') && { notFound: ['PO-9999'] }),
      }),
    ],
    [/^\/transactions\/.*/, detail],
    [/^\/documents\/[^/]+$/, documentDetail],
    [/\/payloads\/\d/, () => payload(Number(path.at(-1)), query.get('view') === 'words')],
    [
      /^\/exceptions$/,
      (): C.ExceptionList => ({ items: Array.from({ length: 16 }, (_, i) => exception(i)), total: 31, next: 'x' }),
    ],
    [/^\/dead-letters$/, (): C.DeadLetterGroups => ({ items: [0, 1, 2, 3].map(group) })],
    [
      /^\/dead-letters\/[^/]+$/,
      (): C.DeadLetterDetail => ({
        group: group(3),
        letters: [0, 1, 2, 3].map((i) => ({
          document: `doc-${i}`,
          type: 'ship-notice.v1',
          source: `partner/${pick(SUPPLIERS, i)}`,
          destination: 'ship-notice/wms',
          keys: [
            { name: 'shipment', value: `SHP-${77120 + i}` },
            { name: 'purchaseOrder', value: `PO-${1040 + i}` },
          ],
          at: ago(12 + i),
          attempt: 8,
          message: `PUT /asns/SHP-${77120 + i} answered 503`,
        })),
      }),
    ],
    [/^\/partners$/, (): C.PartnerList => ({ items: [0, 1, 2, 3].map(partner) })],
    [
      /^\/partners\/.*/,
      (): C.PartnerDetail => ({
        ...partner(2),
        profile: 'x12-4010-mailbox',
        channel: 'baltic-mailbox',
        identifiers: ['X12 ZZ:BALTIC', 'erp 100347'],
        documentTypes: ['purchase-order.v1', 'order-response.v1', 'ship-notice.v1', 'invoice.v1'],
        conditions: [condition('Accepted'), condition('Ready', false)],
        weeks: weeks.map((week, i) => ({
          week,
          transactions: 20 + ((i * 7) % 13),
          onTime: 0.8 + ((i * 3) % 5) / 25,
          exceptions: (i * 5) % 7,
        })),
        exceptions: [exception(1), exception(3)],
      }),
    ],
    [
      /^\/integrations$/,
      (): C.IntegrationList => ({
        items: flows.map((one, i) => ({
          ...one,
          conditions: [
            condition('Accepted'),
            condition('Programmed'),
            condition('Running'),
            condition('Ready', i !== 2),
          ],
          rate: Array.from({ length: 60 }, (_, m) =>
            Math.max(0, Math.round(4 + 3 * Math.sin(m / 6 + i) + ((m * 7 + i) % 3))),
          ),
          queues: [{ name: `${one.integration}:inbox`, messages: one.inbox.inFlight }],
          held: i === 5 ? ['invoice-1'] : [],
        })),
        connectors: ['erp', 'wms', 'acme-mailbox', 'sunrise-portal'].map((name, i) => ({
          name,
          kind: i < 2 || i === 3 ? 'http' : 'directory',
          state: i === 1 ? 'Failed' : 'Ready',
          ...(i === 1 && {
            message: 'answers 503 since 42 min',
            impact: '4 ship notices of 2 suppliers wait, oldest 42 min',
          }),
          usedBy: ['ship-notice'],
        })),
        holds: [hold()],
      }),
    ],
    [/^\/replays$/, (): C.ReplayList => ({ items: [0, 1, 2].map(replay) })],
    [
      /^\/measures$/,
      (): C.Measures => ({
        rows: weeks.flatMap((week, w) =>
          SUPPLIERS.map((name, i) => ({
            week,
            partner: name,
            transactions: 12 + ((w * 5 + i * 3) % 9),
            complete: 10 + ((w + i) % 5),
            receiptToPosting: { median: 900 + ((w * 371 + i * 97) % 1500), p95: 4000, count: 12 },
            invoiceHolds: (w + i) % 4,
            exceptions: (w * 3 + i) % 6,
            compliance: 0.82 + ((w * 2 + i * 3) % 8) / 50,
            touches: (w * 2 + i) % 7,
          })),
        ),
      }),
    ],
    [
      /^\/audit$/,
      (): C.AuditList => ({
        items: [0, 1, 2, 3, 4].map((i) => ({
          id: `a${i}`,
          at: ago(i * 33),
          actor: pick(['anna', 'ben'], i),
          act: pick(['ExceptionsActed', 'HoldMade', 'LoggedIn', 'Refused', 'DeadLettersReplayed'], i),
          target: pick(['inbound/PO-1002', 'Integration/invoice', '', 'dead-letters/fp3', 'fp2'], i),
          outcome: i === 3 ? 'Refused' : 'Done',
          reason: i === 2 ? undefined : 'the supplier called',
        })) as C.AuditEntry[],
      }),
    ],
    [
      /^\/views$/,
      (): C.ViewList => ({
        items: [
          {
            name: 'Late and large',
            page: 'transactions',
            query: { late: 'true', sort: '-changed' },
            shared: true,
            owner: 'anna',
            own: true,
          },
        ],
      }),
    ],
  ];
  return table.find(([pattern]) => pattern.test(path))?.[1]();
}
