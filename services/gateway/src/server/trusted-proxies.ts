import { BlockList, isIP, isIPv4 } from "node:net";

/**
 * Adds an address or a network ("10.1.0.0/16", "fd00::/8") to a list; false if it is neither. Without a list it only
 * checks.
 */
export function addNetwork(entry: string, list = new BlockList()): boolean {
  const [address = "", prefix, ...rest] = entry.split("/");
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || address.includes("%")) return false;
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)) return false;
  list.addSubnet(address, prefix === undefined ? bits : Number(prefix), version === 4 ? "ipv4" : "ipv6");
  return true;
}

/** Tells whether an address is that of a trusted proxy. */
export function trustedProxies(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) addNetwork(entry, list);
  return (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}
