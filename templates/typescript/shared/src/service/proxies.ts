// Which proxies are trusted, and who the client is that they forward for.
import type { IncomingMessage } from 'node:http';

const { BlockList, isIP } = process.getBuiltinModule('node:net');

// The names that express and fastify have for networks, too.
const NAMED: Record<string, string> = {
  loopback: '127.0.0.0/8,::1',
  linklocal: '169.254.0.0/16,fe80::/10',
  uniquelocal: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7',
};

export type Trusts = (address: string) => boolean;

const itemsOf = (list = '') => list.split(',').map((item) => item.trim());

/** Reads addresses, networks and names of networks, or `none`; throws for a bad one. */
export function trustedProxies(list: string): Trusts | undefined {
  if (list === 'none' || list === '') return undefined;
  const trusted = new BlockList();
  for (const item of itemsOf(list).flatMap((name) => itemsOf(NAMED[name] ?? name))) {
    const [address, ...rest] = item.split('/');
    const prefix = rest.join('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (rest.length === 0) trusted.addAddress(address, family);
    else trusted.addSubnet(address, /^\d+$/.test(prefix) ? Number(prefix) : -1, family);
  }
  return function trusts(address) {
    const bare = address.split('%', 1)[0]; // fe80::1%eth0
    const family = isIP(bare);
    return family !== 0 && trusted.check(bare, `ipv${family}` as 'ipv4');
  };
}

/** The addresses that a request passed, the nearest first; the last one is only claimed. */
function addressesOf({ headers, socket }: IncomingMessage) {
  const forwarded = itemsOf(headers['x-forwarded-for'] as string).filter(Boolean);
  return [socket.remoteAddress ?? '', ...forwarded.reverse()];
}

/** How many of the nearest of these addresses are trusted. */
function trustedCount(addresses: string[], trusts: Trusts) {
  const first = addresses.findIndex((address) => !trusts(address));
  return first === -1 ? addresses.length : first;
}

/**
 * Leaves one value in X-Forwarded-Proto and -Host, that of the trusted proxy which is nearest to
 * the client: of several express would take the first, which may be forged, and fastify the last.
 */
export function settleForwarded(req: IncomingMessage, trusts: Trusts) {
  const hops = trustedCount(addressesOf(req), trusts);
  for (const name of ['x-forwarded-proto', 'x-forwarded-host']) {
    const values = itemsOf(req.headers[name] as string);
    if (hops > 0 && values.length > 1)
      req.headers[name] = values.at(-Math.min(hops, values.length));
  }
}

/** A client's address and scheme, as express and fastify find them. */
export function clientOf(req: IncomingMessage, trusts: Trusts = () => false) {
  const addresses = addressesOf(req);
  const hops = trustedCount(addresses, trusts);
  const scheme = hops > 0 ? req.headers['x-forwarded-proto'] : undefined;
  return { address: addresses[Math.min(hops, addresses.length - 1)], scheme: scheme ?? 'http' };
}
