/** Data files as an input names them, and the table that is made of them. */
export {
  combineDigests,
  type DataFile,
  type DataFiles,
  type DataFormat,
  formatOf,
  resolveData,
} from './data-files.ts';
export { type LoadedTable, loadTable } from './load-table.ts';
