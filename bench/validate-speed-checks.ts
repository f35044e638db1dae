/** The 45 checks of the benchmark on the tables of `wide-tables.ts`: the types of 20 columns, and 25 more. */
export const CHECKS = 45;

const custom = (statistic: string): string =>
  `{type: custom, engine: mlops-actions, implementation: {statistic: ${statistic}}}`;
const FEW_NULLS = '{metric: nullValues, mustBeLessThan: 5, unit: percent}';

/** The same checks are in `validate-speed-floor.ts` and `validate_speed_*.py`. */
export const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: speed
version: 1.0.0
status: active
schema:
  - name: orders
    quality:
      - {metric: rowCount, mustBeBetween: [9000, 11000000]}
      - {metric: duplicateValues, mustBe: 0, arguments: {properties: [customer, created_at]}}
      - {type: sql, query: age >= quantity}
    properties:
      - {name: id, logicalType: integer, unique: true}
      - {name: customer, logicalType: integer, required: true}
      - {name: created_at, logicalType: timestamp}
      - {name: due_on, logicalType: date}
      - name: amount
        logicalType: number
        required: true
        logicalTypeOptions: {minimum: 0}
        quality: [${custom('{of: mean, mustBeBetween: [50, 150]}')}]
      - {name: balance, logicalType: number, quality: [${FEW_NULLS}]}
      - {name: score, logicalType: number, required: true, logicalTypeOptions: {maximum: 4}}
      - {name: temperature, logicalType: number, logicalTypeOptions: {maximum: 40}}
      - {name: latitude, logicalType: number, logicalTypeOptions: {maximum: 90}}
      - {name: longitude, logicalType: number}
      - {name: distance, logicalType: number}
      - name: age
        logicalType: integer
        logicalTypeOptions: {minimum: 18}
        quality: [${FEW_NULLS}, ${custom('{of: median, mustBeBetween: [20, 80]}')}]
      - {name: quantity, logicalType: integer}
      - {name: seconds, logicalType: integer, logicalTypeOptions: {maximum: 86399}}
      - {name: is_member, logicalType: boolean}
      - name: plan
        logicalType: string
        quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [free, basic, team, business, enterprise]}}]
      - {name: country, logicalType: string, quality: [${FEW_NULLS}]}
      - name: product
        logicalType: string
        required: true
        logicalTypeOptions: {pattern: '^SKU-[0-9]{5}$'}
        quality: [${custom('{of: distinctCount, mustBeBetween: [900, 1100]}')}]
      - {name: email, logicalType: string, required: true, logicalTypeOptions: {pattern: '^[a-z0-9]+@example[.]org$'}}
      - {name: remark, logicalType: string, logicalTypeOptions: {maxLength: 38}}
`;
