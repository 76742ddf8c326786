/** An EBML element: its id as hexadecimal digits, the size of its payload in eight bytes, the payload. */
export const element = (id: string, ...payload: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(payload);
  return Buffer.concat([elementHead(id, body.length), body]);
};

/** The start of an element whose payload follows elsewhere. Eight bytes of size, so that no size moves what follows. */
export const elementHead = (id: string, sizeBytes: number): Buffer => {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE((1n << 56n) | BigInt(sizeBytes));
  return Buffer.concat([Buffer.from(id, "hex"), size]);
};

/** An unsigned integer of eight bytes. */
export const uint = (id: string, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(id, bytes);
};

export const float = (id: string, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return element(id, bytes);
};

export const text = (id: string, value: string): Buffer => element(id, Buffer.from(value));
