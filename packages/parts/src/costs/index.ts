export { Notebook, readMeasured } from "./notebook.js";
export { classOf, deliveryClass, JOIN, type MeasuredRecord, ofKind, PICTURE, type Sums, withPart } from "./record.js";
