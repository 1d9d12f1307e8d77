/** Ways into other systems, by what a document or an order is called there. */
import type { Link } from '../../../tracker/api/contract.ts';
import { Icon } from './icon.tsx';

export const Links = ({ of }: { of: readonly Link[] }) => (
  <>
    {of.map(({ name, url }) => (
      <a key={url} class="button" href={url} target="_blank" rel="noreferrer">
        Open in {name}
        <Icon name="external" size={15} />
      </a>
    ))}
  </>
);
