/** Data as an input names it, and the table that is made of it. */
export { parseDialect } from './csv-dialect.ts';
export { accessOf, accessToOther, type DataAccess } from './data-access.ts';
export {
  combineDigests,
  type DataFiles,
  type FoundData,
  findData,
  localPath,
  resolveData,
  type UnhashedData,
} from './data-files.ts';
export { type DataFormat, formatOf } from './data-formats.ts';
export { type LoadedTable, loadTable } from './load-table.ts';
export { loadingNotes } from './loading-notes.ts';
export { whileReading } from './reading-error.ts';
export { isRecordText, objectTexts } from './record-file.ts';
export { publicName, publicNames } from './source-address.ts';
