/**
 * The tracker's HTTP API as types: what goes over the wire under `/api/v1`, JSON in UTF-8. The shapes are declared in
 * contract/, a file for each page, and nowhere else: JSON schemas and the OpenAPI document are generated from them (`node
 * tracker/api/generate.ts`), requests are checked against them, and the console is built on it.
 *
 * - Errors are `application/problem+json` (Problem). 401: not logged in; 403: not allowed (journalled in the audit) or no CSRF token; 404: not there, or
 *   not yours; 409: not in this state; 422: understood but not possible; 429: too often, with Retry-After; 503: the part that does it is away.
 * - Every request but GET carries `X-CSRF-Token: <Me.csrf>`, unless it is authorised by `Authorization: Bearer`.
 * - Lists are paged by an opaque `cursor`: give back `next` of the answer before. `limit` is at most 500, 50 without.
 * - A partner sees its own only; what it may not know of is not there (404) or is left out.
 * - `GET transactions`, `GET exceptions`, `GET partners`, `GET measures`, `GET audit` answer CSV for `Accept: text/csv` or `?format=csv`.
 */
import type { ActResult } from './contract/base.ts';
import type {
  DeadLetterActRequest,
  DeadLetterDetail,
  DeadLetterGroups,
  DeadLettersQuery,
  PageQuery,
} from './contract/dead-letters.ts';
import type {
  DocumentDetail,
  PayloadQuery,
  PayloadText,
  ResendRequest,
  ResubmitRequest,
} from './contract/documents.ts';
import type { ExceptionActRequest, ExceptionList, ExceptionsQuery } from './contract/exceptions.ts';
import type { HoldRequest, HoldRow, IntegrationList } from './contract/integrations.ts';
import type { Overview } from './contract/overview.ts';
import type { PartnerDetail, PartnerList, PartnersQuery } from './contract/partners.ts';
import type {
  AuditList,
  AuditQuery,
  Measures,
  MeasuresQuery,
  View,
  ViewList,
  ViewRequest,
} from './contract/records.ts';
import type { ReasonRequest, ReplayList, ReplayRequest, ReplayRow } from './contract/replays.ts';
import type { LoginRequest, Me } from './contract/session.ts';
import type { Today, TodayQuery } from './contract/today.ts';
import type {
  Fact,
  FactRequest,
  TransactionDetail,
  TransactionList,
  TransactionsQuery,
} from './contract/transactions.ts';

export type * from './contract/base.ts';
export type * from './contract/dead-letters.ts';
export type * from './contract/documents.ts';
export type * from './contract/exceptions.ts';
export type * from './contract/integrations.ts';
export type * from './contract/overview.ts';
export type * from './contract/partners.ts';
export type * from './contract/records.ts';
export type * from './contract/replays.ts';
export type * from './contract/session.ts';
export type * from './contract/today.ts';
export type * from './contract/transactions.ts';

/** Every endpoint: method and path under /api/v1 → query, body, answer. `routes.ts` declares who may call it. */
export interface Endpoints {
  'GET /me': { answer: Me };
  'POST /session': { body: LoginRequest; answer: Me };
  'DELETE /session': { answer: null };
  'GET /overview': { answer: Overview };
  'GET /today': { query: TodayQuery; answer: Today };
  'GET /transactions': { query: TransactionsQuery; answer: TransactionList };
  'GET /transactions/{process}/{key}': { answer: TransactionDetail };
  'POST /transactions/{process}/{key}/facts': { body: FactRequest; answer: Fact };
  'GET /documents/{id}': { answer: DocumentDetail };
  'GET /documents/{id}/payloads/{n}': { query: PayloadQuery; answer: PayloadText };
  'POST /documents/{id}/resubmit': { body: ResubmitRequest; answer: ActResult };
  'POST /documents/{id}/resend': { body: ResendRequest; answer: ActResult };
  'GET /exceptions': { query: ExceptionsQuery; answer: ExceptionList };
  'POST /exceptions/acts': { body: ExceptionActRequest; answer: ActResult };
  'GET /dead-letters': { query: DeadLettersQuery; answer: DeadLetterGroups };
  'GET /dead-letters/{fingerprint}': { query: PageQuery; answer: DeadLetterDetail };
  'POST /dead-letters/{fingerprint}/replay': { body: DeadLetterActRequest; answer: ActResult };
  'POST /dead-letters/{fingerprint}/discard': { body: DeadLetterActRequest; answer: ActResult };
  'POST /dead-letters/{fingerprint}/park': { body: DeadLetterActRequest; answer: ActResult };
  'GET /partners': { query: PartnersQuery; answer: PartnerList };
  'GET /partners/{name}': { answer: PartnerDetail };
  'GET /integrations': { answer: IntegrationList };
  'POST /holds': { body: HoldRequest; answer: HoldRow };
  'DELETE /holds/{name}': { answer: null };
  'GET /replays': { answer: ReplayList };
  'POST /replays': { body: ReplayRequest; answer: ReplayRow };
  'POST /replays/{name}/cancel': { body: ReasonRequest; answer: null };
  'POST /replays/{name}/approve': { answer: null };
  'GET /measures': { query: MeasuresQuery; answer: Measures };
  'GET /audit': { query: AuditQuery; answer: AuditList };
  'GET /views': { answer: ViewList };
  'PUT /views/{name}': { body: ViewRequest; answer: View };
  'DELETE /views/{name}': { answer: null };
}
