/** A rectangle on the canvas, in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Overlays (by index, the lowest first) that can be drawn independently of all others. */
export interface OverlayGroup {
  members: number[];
  box: Box;
}

/**
 * Groups overlays that touch each other: stacking order matters only within a group. Groups are ordered by their lowest
 * members.
 */
export function overlayGroups(boxes: readonly Box[]): OverlayGroup[] {
  let groups: OverlayGroup[] = [];
  boxes.forEach((box, i) => {
    let group: OverlayGroup = { members: [i], box };
    // A growing group may touch further ones.
    for (;;) {
      const touching = groups.filter(({ box }) => touch(box, group.box));
      if (touching.length === 0) break;
      groups = groups.filter((other) => !touching.includes(other));
      group = [...touching, group].reduce(merged);
    }
    groups.push(group);
  });
  return groups.map(inOrder).sort((one, other) => (one.members[0] ?? 0) - (other.members[0] ?? 0));
}

/** One group of all of some. */
export const mergedGroup = (groups: readonly OverlayGroup[]): OverlayGroup => inOrder(groups.reduce(merged));

/** Extends the first one's members: copying them takes quadratic time for the captions of a long clip. */
function merged({ members, box }: OverlayGroup, other: OverlayGroup): OverlayGroup {
  for (const member of other.members) members.push(member);
  return { members, box: around(box, other.box) };
}

/** Members from the lowest to the highest. */
const inOrder = ({ members, box }: OverlayGroup): OverlayGroup => ({ members: members.sort((a, b) => a - b), box });

const touch = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

function around(one: Box, other: Box): Box {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  const right = Math.max(one.x + one.width, other.x + other.width);
  const bottom = Math.max(one.y + one.height, other.y + other.height);
  return { x, y, width: right - x, height: bottom - y };
}
