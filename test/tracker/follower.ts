/** A tracker as a process of its own, to be killed. */
import { connectBroker } from '../../runtime/broker/amqp.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { startTracker } from '../../tracker/tracker.ts';
import { log, NAMESPACE } from './support.ts';

const [uri = '', databaseUrl = ''] = process.argv.slice(2);
const broker = await connectBroker({ uri, name: 'follower', log });
startTracker({ namespace: NAMESPACE, broker, database: await openTrackerDatabase(databaseUrl), log });
