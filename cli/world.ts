/** A folder as the World of its namespace: what `lint`, `render` and `dev` give to translation. */
import type { Folder } from '../crds/folder.ts';
import type { World } from '../operator/translate/translation.ts';

/** Of secrets only the names of their keys; version `folder` for all of them. */
export const worldOf = (folder: Folder): World => ({
  namespace: folder.namespace,
  resources: folder.resources,
  secrets: Object.fromEntries(
    Object.entries(folder.secrets).map(([name, values]) => [
      name,
      { keys: Object.keys(values).sort(), version: 'folder' },
    ]),
  ),
  configMaps: folder.configMaps,
  files: folder.files,
});
