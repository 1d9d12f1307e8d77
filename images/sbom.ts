/** What is in the image, in CycloneDX 1.6: Node, npm packages, Debian packages. */
import type { NpmPackage } from './bundle.ts';

export interface Contents {
  version: string;
  node: string;
  npm: readonly NpmPackage[];
  /** `name=version`. */
  debian: readonly string[];
  release: string;
}

export function sbom({ version, node, npm, debian, release }: Contents): Buffer {
  const library = (name: string, of: string, purl: string, license?: string) => ({
    type: 'library',
    'bom-ref': purl,
    name,
    version: of,
    purl,
    ...(license !== undefined && { licenses: [{ expression: license }] }),
  });
  const components = [
    { ...library('node', node, `pkg:generic/node@${node}`), type: 'platform' },
    ...npm.map((each) =>
      library(each.name, each.version, `pkg:npm/${each.name.replace('@', '%40')}@${each.version}`, each.license),
    ),
    ...debian.map((each) => {
      const [name = '', of = ''] = each.split('=');
      return library(name, of, `pkg:deb/debian/${name}@${encodeURIComponent(of)}?distro=${release}`);
    }),
  ];
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': 'crossdock', name: 'crossdock', version } },
    components,
  };
  return Buffer.from(`${JSON.stringify(document, undefined, 1)}\n`);
}
