/** Orders as rows, wherever they are listed: each leads to its own page. */
import { type Column, Table } from './table.tsx';

interface Named {
  process: string;
  key: string;
}
export const transactionPath = ({ process, key }: Named): string =>
  `/transactions/${encodeURIComponent(process)}/${encodeURIComponent(key)}`;

export interface OrderTableProps<T extends Named> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
}
export const OrderTable = <T extends Named>(props: OrderTableProps<T>) => (
  <Table {...props} rowKey={transactionPath} href={transactionPath} />
);
