/**
 * Runs inside the cluster's network: the accounts of orders at their ERP, as JSON on stdout.
 *
 *   node accounts.ts postgres://… SCHEMA NAMESPACE
 */
import { readAccounts } from '../../../tracker/accounts.ts';
import { openTrackerDatabase } from '../../../tracker/store.ts';

const [url = '', schema = '', namespace = ''] = process.argv.slice(2);
const database = await openTrackerDatabase(url, schema);
const rows = await readAccounts(database, namespace);
await database.end();
const orders = rows.filter(({ destination, state }) => destination === 'order/erp' && state !== null);
console.log(JSON.stringify(orders.map(({ keys, state }) => ({ number: keys.number?.[0] ?? '', state }))));
