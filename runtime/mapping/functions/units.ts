/** Units of UN/ECE Recommendation 20 and the codes of X12 and EDIFACT that mean the same. Factors are exact. */
import { Decimal as Arbitrary } from 'decimal.js';
import { decimalOf } from './decimal.ts';
import { type Definition, refused } from './definition.ts';

const Decimal = Arbitrary.clone({ precision: 60 });

/** By dimension: code and how many of the first unit it is. */
const DIMENSIONS: Record<string, Record<string, string>> = {
  count: {
    ...{ C62: '1', EA: '1', H87: '1', PR: '2', DZN: '12', DPC: '12', SCO: '20', CEN: '100', GRO: '144', MIL: '1000' },
    ...{ GGR: '1728', MIO: '1000000' },
  },
  mass: {
    ...{ KGM: '1', GRM: '0.001', MGM: '0.000001', MC: '0.000000001', DTN: '100', TNE: '1000', KTN: '1000000' },
    ...{ LBR: '0.45359237', ONZ: '0.028349523125', APZ: '0.0311034768', STN: '907.18474', LTN: '1016.0469088' },
    ...{ CWA: '45.359237', CWI: '50.80234544', STI: '6.35029318', GRN: '0.00006479891' },
  },
  length: {
    ...{ MTR: '1', DMT: '0.1', CMT: '0.01', MMT: '0.001', KMT: '1000', INH: '0.0254', FOT: '0.3048', YRD: '0.9144' },
    ...{ SMI: '1609.344', NMI: '1852', '4H': '0.000001' },
  },
  area: {
    ...{ MTK: '1', DMK: '0.01', CMK: '0.0001', MMK: '0.000001', KMK: '1000000', HAR: '10000', INK: '0.00064516' },
    ...{ FTK: '0.09290304', YDK: '0.83612736', ACR: '4046.8564224' },
  },
  volume: {
    ...{
      LTR: '1',
      DLT: '0.1',
      CLT: '0.01',
      MLT: '0.001',
      HLT: '100',
      MTQ: '1000',
      DMQ: '1',
      CMQ: '0.001',
      MMQ: '0.000001',
    },
    ...{ INQ: '0.016387064', FTQ: '28.316846592', YDQ: '764.554857984', GLL: '3.785411784', GLI: '4.54609' },
    ...{ QT: '0.946352946', PT: '0.473176473', QTI: '1.1365225', PTI: '0.56826125', OZA: '0.0295735295625' },
    ...{ OZI: '0.0284130625', BLL: '158.987294928' },
  },
  time: { SEC: '1', C26: '0.001', MIN: '60', HUR: '3600', DAY: '86400', WEE: '604800' },
};

/** Codes of X12 (element 355) and older EDIFACT directories. */
const ALIASES: Record<string, string> = {
  ...{ PCE: 'H87', PC: 'H87', UN: 'C62', DZ: 'DZN', HU: 'CEN', TH: 'MIL', GS: 'GRO' },
  ...{ KG: 'KGM', GR: 'GRM', LB: 'LBR', OZ: 'ONZ' },
  ...{ MR: 'MTR', CM: 'CMT', MM: 'MMT', IN: 'INH', FT: 'FOT', YD: 'YRD' },
  ...{ LT: 'LTR', ML: 'MLT', GA: 'GLL', CR: 'MTQ', CF: 'FTQ', SF: 'FTK', SM: 'MTK' },
};

interface Unit {
  code: string;
  dimension: string;
  factor: Arbitrary;
}
const UNITS: ReadonlyMap<string, Unit> = new Map(
  Object.entries(DIMENSIONS).flatMap(([dimension, units]) =>
    Object.entries(units).map(([code, factor]) => [code, { code, dimension, factor: new Decimal(factor) }] as const),
  ),
);

function unitOf(code: unknown): Unit {
  const unit = typeof code === 'string' ? UNITS.get(Object.hasOwn(ALIASES, code) ? ALIASES[code]! : code) : undefined;
  if (unit) return unit;
  throw refused(
    'unit.unknown',
    `$convertUnit: ${JSON.stringify(code)} is not a unit that it knows; codes are those of UN/ECE Rec 20`,
  );
}

/** Decimal places of a result that does not end. */
const PLACES = 12;

export const UNIT: Record<string, Definition> = {
  convertUnit: {
    run: (quantity: unknown, from: unknown, to: unknown) => {
      if (quantity === undefined || from === undefined || to === undefined) return undefined;
      const [source, target] = [unitOf(from), unitOf(to)];
      if (source.dimension !== target.dimension)
        throw refused(
          'unit.incompatible',
          `$convertUnit: ${source.code} (${source.dimension}) cannot become ${target.code} (${target.dimension})`,
        );
      const amount = new Decimal(decimalOf(quantity, '$convertUnit'));
      const result = amount.times(source.factor).dividedBy(target.factor).toDecimalPlaces(PLACES);
      return typeof quantity === 'number' ? result.toNumber() : result.toFixed();
    },
  },
};
