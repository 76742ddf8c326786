// Models with the inputs of Piper's and a few nodes, written as ONNX's protobuf by hand.

type Field = readonly [number: number, value: number | string | Uint8Array];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const message = (...fields: readonly Field[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === "number") return [varint(number << 3), varint(value)];
      const bytes = Buffer.from(value as string);
      return [varint((number << 3) | 2), varint(bytes.length), bytes];
    }),
  );

const FLOAT = 1;
const INT64 = 7;
const BOOLEAN = 9;
/** Of an attribute. */
const GRAPH = 5;

const valueInfo = (name: string, type: number, dimensions: readonly string[]): Buffer => {
  const shape = message(...dimensions.map((one): Field => [1, message([2, one])]));
  return message([1, name], [2, message([1, message([1, type], [2, shape])])]);
};
const node = (operator: string, inputs: readonly string[], output: string, ...more: readonly Field[]): Field => [
  1,
  message(...inputs.map((name): Field => [1, name]), [2, output], [4, operator], ...more),
];
/** An integer of one or no dimension. */
const integer = (name: string, value: number, dimensions: readonly Field[] = []): Buffer =>
  message(...dimensions, [2, INT64], [7, value], [8, name]);

function model(samples: number, ...nodes: readonly Field[]): Buffer {
  const graph = message(
    node("ConstantOfShape", ["shape"], "zeros"),
    ...nodes,
    [2, "graph"],
    [5, integer("shape", samples, [[1, 1]])],
    [5, integer("times", 2 ** 52)],
    [11, valueInfo("input", INT64, ["batch", "phonemes"])],
    [11, valueInfo("input_lengths", INT64, ["batch"])],
    [11, valueInfo("scales", FLOAT, ["three"])],
    [12, valueInfo("output", FLOAT, ["samples"])],
  );
  return message([1, 8], [7, graph], [8, message([1, ""], [2, 13])]);
}

/** Half a second of silence. */
export const silent = model(11_025, node("Identity", ["zeros"], "output"));
/** Half a second at full scale: the cosine of 0. */
export const loud = model(11_025, node("Cos", ["zeros"], "output"));
/** Half a second of values that are no numbers: 0 / 0. */
export const notANumber = model(11_025, node("Div", ["zeros", "zeros"], "output"));
/** 2^36 samples: 256 GiB. */
export const immense = model(2 ** 36, node("Identity", ["zeros"], "output"));
/** A loop of 2^52 turns. */
export const endless = model(1, node("Loop", ["times", "", "zeros"], "output", [5, loopBody()]));

function loopBody(): Buffer {
  const body = message(
    node("Identity", ["go"], "go on"),
    node("Identity", ["value"], "same"),
    [2, "body"],
    [11, valueInfo("turn", INT64, [])],
    [11, valueInfo("go", BOOLEAN, [])],
    [11, valueInfo("value", FLOAT, ["samples"])],
    [12, valueInfo("go on", BOOLEAN, [])],
    [12, valueInfo("same", FLOAT, ["samples"])],
  );
  return message([1, "body"], [6, body], [20, GRAPH]);
}
