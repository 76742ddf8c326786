import { isDeepStrictEqual } from "node:util";
import type { JetStreamManager, StreamConfig } from "@nats-io/jetstream";

/** Gives an existing stream these settings; changes nothing if it has them. Throws what requests throw. */
export async function reconcileStream(
  manager: JetStreamManager,
  name: string,
  wanted: Partial<StreamConfig>,
): Promise<void> {
  const { config } = await manager.streams.info(name);
  if (!hasSettings(config, wanted)) await manager.streams.update(name, wanted);
}

/** Newer servers add metadata of their own. */
function hasSettings(config: StreamConfig, { metadata = {}, ...wanted }: Partial<StreamConfig>): boolean {
  const present = { ...config, metadata: undefined };
  return (
    isDeepStrictEqual({ ...present, ...wanted }, present) &&
    Object.entries(metadata).every(([key, value]) => config.metadata?.[key] === value)
  );
}
