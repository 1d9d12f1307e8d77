/** What waits, in words for people; rounded, so that it changes as seldom as people would say it anew. Pure. */
export interface Waiting {
  /** Business transactions, or documents where they belong to none. */
  transactions: number;
  /** Documents that belong to no transaction. */
  documents: number;
  partners: number;
  /** ms. */
  oldest: number;
  /** Name of the business key of the transactions: `purchaseOrder`. */
  keyName?: string;
}

/** `12 purchase orders of 3 suppliers wait, oldest 42 min`. */
export function impactText({ transactions, documents, partners, oldest, keyName }: Waiting): string | undefined {
  const parts = [
    ...(transactions > 0 ? [counted(transactions, nounOf(keyName ?? 'transaction'))] : []),
    ...(documents > 0 ? [counted(documents, 'document')] : []),
  ];
  if (parts.length === 0) return undefined;
  const of = partners > 0 ? ` of ${counted(partners, 'partner')}` : '';
  const waits = transactions + documents === 1 ? 'waits' : 'wait';
  return `${parts.join(' and ')}${of} ${waits}, oldest ${ageText(oldest)}`;
}

const counted = (count: number, noun: string): string => `${rounded(count)} ${noun}${count === 1 ? '' : 's'}`;
/** Two digits that count: 1,234 are told as 1,200. */
function rounded(count: number): string {
  if (count < 100) return String(count);
  const unit = 10 ** (Math.floor(Math.log10(count)) - 1);
  return (Math.round(count / unit) * unit).toLocaleString('en');
}
/** `purchaseOrder` → `purchase order`. */
const nounOf = (keyName: string): string =>
  keyName
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .toLowerCase();

export function ageText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes < 10 ? minutes : minutes - (minutes % 5)} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
