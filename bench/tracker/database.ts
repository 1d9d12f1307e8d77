/** A PostgreSQL as one would give to a tracker of millions of transactions: with memory, and checkpoints that are minutes apart. */
import { startPrivateDatabase } from '../../standalone/database.ts';

export const benchDatabase = () =>
  startPrivateDatabase({ log: () => {}, settings: { shared_buffers: '2GB', max_wal_size: '8GB' } });
