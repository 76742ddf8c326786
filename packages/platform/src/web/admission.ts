import { BlockList, isIP, isIPv4 } from "node:net";
import { PolyreelError } from "../errors.js";
import { type AddressUse, SOURCES } from "./address-use.js";
import { isInnerAddress } from "./inner-addresses.js";

/** Addresses that may be reached: public ones, and those that the operator allows. */
export interface Admission {
  readonly use: AddressUse;
  /** `host`: as in the URL; `address`: one that it resolves to. */
  admits(host: string, address: string): boolean;
  /** Whether the operator's list itself has it. */
  lists(host: string, address: string): boolean;
}

const HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * Parses the allowed networks ("10.1.0.0/16", "fd00::/8"), addresses and host names, separated by commas. A host name
 * admits whatever it resolves to, but only under that name. Throws PolyreelError `invalid`.
 */
export function admissionOf(allowed: string, use: AddressUse = SOURCES): Admission {
  const hosts = new Set<string>();
  const addresses = new BlockList();
  for (const entry of allowed.split(",").map((one) => one.trim().toLowerCase())) {
    if (entry === "") continue;
    const [network = "", prefix, ...rest] = entry.split("/");
    if (rest.length === 0 && addNetwork(addresses, network, prefix)) continue;
    if (prefix !== undefined || isNumeric(entry) || !HOST.test(entry)) throw notAnEntry(entry, use);
    hosts.add(entry);
  }
  const lists = (host: string, address: string): boolean => {
    if (hosts.has(host.toLowerCase().replace(/\.$/, ""))) return true;
    const plain = withoutInterface(address);
    return isIP(plain) !== 0 && addresses.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
  };
  return {
    use,
    lists,
    admits: (host, address) => {
      if (lists(host, address)) return true;
      const plain = withoutInterface(address);
      return isIP(plain) !== 0 && !isInnerAddress(plain);
    },
  };
}

/** A link-local address includes its interface. */
const withoutInterface = (address: string): string => address.replace(/%.*$/, "");

function addNetwork(addresses: BlockList, network: string, prefix: string | undefined): boolean {
  const version = isIP(network);
  if (version === 0) return false;
  const bits = version === 4 ? 32 : 128;
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)) return false;
  addresses.addSubnet(network, prefix === undefined ? bits : Number(prefix), version === 4 ? "ipv4" : "ipv6");
  return true;
}

/** "10.1" and "300.1.1.1" are invalid addresses, not host names. */
const isNumeric = (entry: string): boolean => /^[0-9.]+$/.test(entry);

const notAnEntry = (entry: string, { variable }: AddressUse): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${variable}: ${JSON.stringify(entry)} is neither a network, nor an address, nor a host name.`,
    remedy: 'Write entries such as "10.1.0.0/16", "fd00::/8" or "media.example", separated by commas.',
  });
