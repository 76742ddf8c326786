import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import { messageTooLarge } from "./message-too-large.js";

/** Compressions of request messages. Invalid or truncated data is the caller's fault. */
export const COMPRESSIONS: readonly Compression[] = [compressionGzip, compressionBrotli].map((compression) => ({
  ...compression,
  decompress: (bytes, maxBytes) =>
    compression.decompress(bytes, maxBytes).catch((error: unknown) => {
      const { code, rawMessage, cause } = ConnectError.from(error);
      if (code === Code.ResourceExhausted) throw messageTooLarge(maxBytes);
      if (code !== Code.Internal) throw error;
      const reason = `The message is not compressed as it says (${compression.name}): ${rawMessage}.`;
      throw new ConnectError(reason, Code.InvalidArgument, undefined, undefined, cause);
    }),
}));
