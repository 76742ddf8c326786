import { BlockList, isIPv4 } from "node:net";

/**
 * IPv4 networks outside the public internet, from the IANA registry of special-purpose addresses (RFC 6890 and its
 * updates), with multicast and reserved ranges.
 */
const INNER_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local, includes cloud metadata services with credentials
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // relays to 6to4, withdrawn
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, and broadcast
];

/**
 * In IPv6 only 2000::/3 is allocated as public. All other ranges (loopback, link-local, unique local, multicast,
 * IPv4-mapped) are inner without a list, including future ones.
 */
const PUBLIC_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ["2000::", 3],
  ["64:ff9b::", 96], // IPv4 through NAT64, as public as the IPv4 address in it
];
const INNER_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ["2001::", 23], // protocol assignments: Teredo (an IPv4 address in disguise), benchmarks, ORCHID
  ["2001:db8::", 32], // documentation
  ["3fff::", 20], // documentation
];

const inner = new BlockList();
const publicIpv6 = new BlockList();
for (const [network, prefix] of PUBLIC_IPV6) publicIpv6.addSubnet(network, prefix, "ipv6");
for (const [network, prefix] of INNER_IPV6) inner.addSubnet(network, prefix, "ipv6");
for (const [network, prefix] of INNER_IPV4) {
  inner.addSubnet(network, prefix, "ipv4");
  inner.addSubnet(`64:ff9b::${network}`, 96 + prefix, "ipv6");
  inner.addSubnet(`2002:${groups(network)}::`, 16 + prefix, "ipv6"); // 6to4
}

/** An IPv4 address as two groups of an IPv6 address. */
function groups(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split(".").map(Number);
  return [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(":");
}

/**
 * Whether an IP address is outside the public internet: of this machine, an inner network or unassigned. IPv6 addresses
 * that embed an IPv4 address are classified by it.
 */
export function isInnerAddress(address: string): boolean {
  if (isIPv4(address)) return inner.check(address, "ipv4");
  return !publicIpv6.check(address, "ipv6") || inner.check(address, "ipv6");
}
