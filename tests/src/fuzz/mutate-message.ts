import { clone, type DescMessage, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { WireType } from "@bufbuild/protobuf/wire";
import type { Random } from "../property/random.js";
import { type Drawing, setField } from "./draw-value.js";

/**
 * A copy of a message in which one to four fields, at any depth, are randomised, cleared or repeated, or some are added
 * that the contract does not have.
 */
export function mutateMessage(desc: DescMessage, original: Message, drawing: Drawing): Message {
  const message = reflect(desc, clone(desc, original), false);
  for (let i = drawing.random.whole(1, 4); i > 0; i--) mutateSomewhere(message, drawing);
  return message.message;
}

function mutateSomewhere(root: ReflectMessage, drawing: Drawing): void {
  const { random } = drawing;
  const message = random.pick(messagesIn(root)) ?? root;
  if (random.chance(0.05)) {
    addUnknown(message, random);
    return;
  }
  // Set fields are more effective than others.
  const set = message.fields.filter((field) => message.isSet(field));
  const field = (random.chance(0.7) ? random.pick(set) : undefined) ?? random.pick(message.fields);
  if (!field) return;
  const kind = random.next();
  if (kind < 0.15) message.clear(field);
  else if (kind < 0.35 && field.fieldKind === "list") repeatItem(message, field, random);
  else setField(message, field, drawing);
}

/** A field that the contract does not have, like a newer client's. */
function addUnknown({ message }: ReflectMessage, random: Random): void {
  const data = Uint8Array.from([3, 1, 2, 3]);
  message.$unknown = [
    ...(message.$unknown ?? []),
    { no: random.whole(100, 2 ** 29 - 1), wireType: WireType.LengthDelimited, data },
  ];
}

function repeatItem(message: ReflectMessage, field: ReflectMessage["fields"][number], random: Random): void {
  if (field.fieldKind !== "list") return;
  const list = message.get(field);
  const item = list.get(random.whole(0, Math.max(0, list.size - 1)));
  if (item !== undefined) for (let i = random.pick([1, 2, 70] as const); i > 0; i--) list.add(item as never);
}

/** The message itself and all messages in it. */
function messagesIn(message: ReflectMessage): ReflectMessage[] {
  const found = [message];
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "message") found.push(...messagesIn(message.get(field)));
    if (field.fieldKind === "list" && field.listKind === "message") {
      for (const item of message.get(field)) found.push(...messagesIn(item as ReflectMessage));
    }
  }
  return found;
}
