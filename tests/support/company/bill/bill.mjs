// BuildKit's protocol for such generators: a folder to look at, a folder for what was found, both by variables.
import { readdirSync, writeFileSync } from 'node:fs';

const { BUILDKIT_SCAN_SOURCE, BUILDKIT_SCAN_DESTINATION } = process.env;
const statement = {
  _type: 'https://in-toto.io/Statement/v0.1',
  predicateType: 'https://spdx.dev/Document',
  predicate: {
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    packages: readdirSync(BUILDKIT_SCAN_SOURCE).map((name) => ({ name, SPDXID: `SPDXRef-${name}` })),
  },
};
writeFileSync(`${BUILDKIT_SCAN_DESTINATION}/bill.spdx.json`, JSON.stringify(statement));
