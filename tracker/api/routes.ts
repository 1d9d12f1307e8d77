/** Every endpoint: who may call it and what it is for. Shapes are in contract/; the OpenAPI document is made from both. */
import type { Endpoints, Role } from './contract.ts';

export type RouteName = keyof Endpoints;

export interface Route {
  summary: string;
  tag: 'Session' | 'Views of the business' | 'Documents' | 'Work' | 'Operations' | 'Measures';
  /** Any of these; `Anyone`: no login needed. */
  roles: readonly Role[] | 'Anyone';
  /** Needs the right to read payloads too. */
  payloads?: true;
  /** Answers `text/csv` where asked to. */
  csv?: true;
  /** Of success. Default 200; 204 has no body. */
  status?: 201 | 204;
  /** Something is done: it lands in the audit under this name, also when it is refused. */
  act?: string;
}

const ALL: readonly Role[] = ['Viewer', 'Operator', 'Partner'];
const STAFF: readonly Role[] = ['Viewer', 'Operator'];
const OPERATOR: readonly Role[] = ['Operator'];

export const ROUTES: { readonly [K in RouteName]: Route } = {
  'GET /me': { tag: 'Session', roles: ALL, summary: 'Who is logged in, what it may do, and its CSRF token' },
  'POST /session': { tag: 'Session', roles: 'Anyone', act: 'LoggedIn', status: 201, summary: 'Log in as a local user' },
  'DELETE /session': { tag: 'Session', roles: ALL, act: 'LoggedOut', status: 204, summary: 'Log out' },
  'GET /overview': {
    tag: 'Views of the business',
    roles: STAFF,
    summary: 'The flow from portal to ERP with counts, service levels, and what is at risk',
  },
  'GET /today': {
    tag: 'Views of the business',
    roles: ALL,
    summary: 'Expected arrivals by warehouse with their ship notices, and unconfirmed orders',
  },
  'GET /transactions': {
    tag: 'Views of the business',
    roles: ALL,
    csv: true,
    summary: 'Business transactions by any key, state, partner, lateness',
  },
  'GET /transactions/{process}/{key}': {
    tag: 'Views of the business',
    roles: ALL,
    summary: 'One transaction: milestones, order lines, exceptions, and its documents in order of time',
  },
  'POST /transactions/{process}/{key}/facts': {
    tag: 'Work',
    roles: OPERATOR,
    act: 'FactStated',
    status: 201,
    summary: 'State what no document said, such as a confirmation by phone',
  },
  'GET /documents/{id}': { tag: 'Documents', roles: ALL, summary: 'A document: its journal, lineage, payloads' },
  'GET /documents/{id}/payloads/{n}': {
    tag: 'Documents',
    roles: ALL,
    payloads: true,
    act: 'PayloadRead',
    summary: 'A payload as text, as inspected segments, or as it is; sensitive fields are redacted',
  },
  'POST /documents/{id}/resubmit': {
    tag: 'Documents',
    roles: OPERATOR,
    payloads: true,
    act: 'Resubmitted',
    summary: 'Take an edited payload in as a new document that this one caused',
  },
  'POST /documents/{id}/resend': {
    tag: 'Documents',
    roles: OPERATOR,
    act: 'Resent',
    summary: 'Deliver a document once more to one destination',
  },
  'GET /exceptions': { tag: 'Work', roles: ALL, csv: true, summary: 'The work list of exceptions' },
  'POST /exceptions/acts': {
    tag: 'Work',
    roles: OPERATOR,
    act: 'ExceptionsActed',
    summary: 'Assign, comment, snooze, escalate or resolve exceptions, many at once',
  },
  'GET /dead-letters': { tag: 'Work', roles: STAFF, summary: 'Dead letters and parked documents, grouped by cause' },
  'GET /dead-letters/{fingerprint}': { tag: 'Work', roles: STAFF, summary: 'A group and its letters' },
  'POST /dead-letters/{fingerprint}/replay': {
    tag: 'Work',
    roles: OPERATOR,
    act: 'LettersReplayed',
    summary: 'Send the letters of a group to the stage that failed, once more',
  },
  'POST /dead-letters/{fingerprint}/discard': {
    tag: 'Work',
    roles: OPERATOR,
    act: 'LettersDiscarded',
    summary: 'Remove the letters of a group for good',
  },
  'POST /dead-letters/{fingerprint}/park': {
    tag: 'Work',
    roles: OPERATOR,
    act: 'LettersParked',
    summary: 'Put the letters of a group aside until a person says more',
  },
  'GET /partners': { tag: 'Views of the business', roles: ALL, csv: true, summary: 'Partners with their scorecards' },
  'GET /partners/{name}': { tag: 'Views of the business', roles: ALL, summary: 'A partner, week by week' },
  'GET /integrations': {
    tag: 'Operations',
    roles: STAFF,
    summary: 'Integrations and connectors: topology, rates, queues, conditions, holds',
  },
  'POST /holds': {
    tag: 'Operations',
    roles: OPERATOR,
    act: 'Held',
    status: 201,
    summary: 'Stop an integration, partner or connector',
  },
  'DELETE /holds/{name}': { tag: 'Operations', roles: OPERATOR, act: 'HoldEnded', status: 204, summary: 'End a Hold' },
  'GET /replays': { tag: 'Operations', roles: STAFF, summary: 'Replays and what came of them' },
  'POST /replays': {
    tag: 'Operations',
    roles: OPERATOR,
    act: 'ReplayStarted',
    status: 201,
    summary: 'Start a Replay or a dry run of one',
  },
  'POST /replays/{name}/cancel': {
    tag: 'Operations',
    roles: OPERATOR,
    act: 'ReplayCancelled',
    status: 204,
    summary: 'Cancel a Replay',
  },
  'POST /replays/{name}/approve': {
    tag: 'Operations',
    roles: OPERATOR,
    act: 'ReplayApproved',
    status: 204,
    summary: 'Approve a Replay of more documents than its limit; not by who asked',
  },
  'GET /measures': {
    tag: 'Measures',
    roles: ALL,
    csv: true,
    summary: 'Receipt to posting, invoice holds, compliance, manual touches by week and partner',
  },
  'GET /audit': { tag: 'Measures', roles: OPERATOR, csv: true, summary: 'Who did what and why' },
  'GET /views': { tag: 'Session', roles: ALL, summary: 'Saved views of the pages: own and shared' },
  'PUT /views/{name}': { tag: 'Session', roles: ALL, summary: 'Save a view' },
  'DELETE /views/{name}': { tag: 'Session', roles: ALL, status: 204, summary: "Remove a view of one's own" },
};
