import { open } from "node:fs/promises";
import { type FileFetch, retried, takeUrl } from "./fetch-source.js";

/**
 * Fetches a file over http or https into a file of ours, which is incomplete if this throws. `onBytes` is called with the
 * number of bytes so far. Throws as `fetchSource`.
 */
export async function fetchFile(
  address: string,
  path: string,
  { onBytes, ...fetch }: FileFetch & { readonly onBytes?: (bytes: number) => void },
): Promise<void> {
  await retried(address, fetch, (context) =>
    takeUrl(
      address,
      async (bytes) => {
        await using file = await open(path, "w");
        let received = 0;
        for await (const chunk of bytes) {
          await file.writeFile(chunk);
          received += chunk.byteLength;
          onBytes?.(received);
        }
      },
      context,
    ),
  );
}
