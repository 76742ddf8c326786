import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Owner, ownerKey } from "../receipt.js";

/**
 * The receipt of an object, in its metadata, so that one request determines the owner. Objects of other programs have none.
 * A batch that finds the object unchanged writes its own receipt to a separate object, because changing metadata would
 * rewrite the object.
 */
export interface ObjectReceipt {
  readonly ownerKey: string;
  readonly tenant: string;
  /** The batch's name, truncated; for messages. */
  readonly name: string;
  readonly batchId: string;
  /** Of the combination, from 1; 0 for lists of files. */
  readonly attempt: number;
  /** Determines every byte. */
  readonly content: string;
  /** Determines the object's other headers. */
  readonly settings: string;
  /** In a separate receipt object: the write of the object that it belongs to. */
  readonly of?: string;
}

const PREFIX = "x-amz-meta-polyreel-";
/** At most 240 bytes once encoded; S3 allows 2 KiB of metadata. */
const MAX_NAME_LENGTH = 20;

interface Receipted extends Pick<ObjectReceipt, "batchId" | "attempt" | "content" | "settings"> {
  readonly owner: Owner;
}

export const newReceipt = ({ owner, ...receipt }: Receipted): ObjectReceipt => ({
  ...receipt,
  ownerKey: ownerKey(owner),
  tenant: owner.tenant,
  name: [...owner.name].slice(0, MAX_NAME_LENGTH).join(""),
});

/** Metadata headers, in ASCII. `path`: the object's, relative to the destination. */
export function receiptHeaders(receipt: ObjectReceipt, path: string): Record<string, string> {
  const values = {
    owner: receipt.ownerKey,
    tenant: encodeURIComponent(receipt.tenant),
    name: encodeURIComponent(receipt.name),
    batch: encodeURIComponent(receipt.batchId),
    attempt: String(receipt.attempt),
    content: receipt.content,
    settings: receipt.settings,
    path: fingerprint(path),
    of: receipt.of ?? "",
  };
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return Object.fromEntries(given.map(([name, value]) => [PREFIX + name, value]));
}

/** Undefined for an object that was not delivered to this path: copies of objects include the metadata. */
export function parseObjectReceipt(headers: IncomingHttpHeaders, path: string): ObjectReceipt | undefined {
  const value = (name: string): string => String(headers[PREFIX + name] ?? "");
  if (value("path") !== fingerprint(path) || value("owner") === "") return undefined;
  try {
    const of = value("of");
    return {
      ownerKey: value("owner"),
      tenant: decodeURIComponent(value("tenant")),
      name: decodeURIComponent(value("name")),
      batchId: decodeURIComponent(value("batch")),
      attempt: Number(value("attempt")),
      content: value("content"),
      settings: value("settings"),
      ...(of && { of }),
    };
  } catch {
    return undefined; // A malformed escape.
  }
}

/** A short hash for comparisons. */
export const fingerprint = (text: string): string => hash("sha256", text, "hex").slice(0, 16);
