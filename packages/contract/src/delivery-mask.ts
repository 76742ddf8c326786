/** Bit n for delivery n. */
export const maskOf = (deliveries: Iterable<number>): bigint => {
  let mask = 0n;
  for (const delivery of deliveries) mask |= 1n << BigInt(delivery);
  return mask;
};

/** All deliveries of a combination. */
export const fullMask = (count: number): bigint => (1n << BigInt(count)) - 1n;

/** The deliveries in a mask, in order. A mask of 0 stands for all of `count`. */
export function deliveriesIn(mask: bigint, count: number): number[] {
  if (mask === 0n) return Array.from({ length: count }, (_, delivery) => delivery);
  const found: number[] = [];
  for (let rest = mask, delivery = 0; rest > 0n; rest >>= 1n, delivery++) if (rest & 1n) found.push(delivery);
  return found;
}

/** The mask as written in facts: 0 for all of `count`. */
export const shortMask = (mask: bigint, count: number): bigint => (mask === fullMask(count) ? 0n : mask);

/**
 * Identifies a fact of a combination for its message id: a combination has several facts of one name and attempt, for
 * different deliveries. The first delivery identifies them; for delivery 0 the id is the combination's alone, as before
 * there were other deliveries.
 */
export const deliveryMessageId = (combinationId: string, firstDelivery: number): string =>
  firstDelivery > 0 ? `${combinationId}.${firstDelivery}` : combinationId;
