/** What the suppliers sell. The simulators' own copy: a wrong row in items.yaml must show up as a difference, not be mirrored. */
export interface Article {
  partner: string;
  sku: string;
  gtin: string;
  description: string;
  /** EUR per piece. */
  price: string;
}

export const articles: readonly Article[] = [
  { partner: 'acme-supplies', sku: 'AC-1001', gtin: '4056789010019', description: 'Hex bolt M8', price: '0.35' },
  { partner: 'acme-supplies', sku: 'AC-1002', gtin: '4056789010026', description: 'Hex nut M8', price: '0.12' },
  { partner: 'acme-supplies', sku: 'AC-1003', gtin: '4056789010033', description: 'Washer M8', price: '0.05' },
  { partner: 'acme-supplies', sku: 'AC-1004', gtin: '4056789010040', description: 'Threaded rod M8', price: '2.40' },
  { partner: 'acme-supplies', sku: 'AC-1005', gtin: '4056789010057', description: 'Anchor bolt M10', price: '1.15' },
  { partner: 'nordic-parts', sku: 'NP-2001', gtin: '4056789020018', description: 'Ball bearing 6204', price: '4.80' },
  { partner: 'nordic-parts', sku: 'NP-2002', gtin: '4056789020025', description: 'V-belt A50', price: '6.25' },
  { partner: 'nordic-parts', sku: 'NP-2003', gtin: '4056789020032', description: 'Oil seal 35x52', price: '2.10' },
  { partner: 'nordic-parts', sku: 'NP-2004', gtin: '4056789020049', description: 'Roller chain 08B', price: '18.90' },
  { partner: 'nordic-parts', sku: 'NP-2005', gtin: '4056789020056', description: 'Shaft coupling', price: '27.50' },
  { partner: 'baltic-tools', sku: 'BT-3001', gtin: '4056789030017', description: 'Claw hammer', price: '14.90' },
  { partner: 'baltic-tools', sku: 'BT-3002', gtin: '4056789030024', description: 'Pipe wrench', price: '22.75' },
  { partner: 'baltic-tools', sku: 'BT-3003', gtin: '4056789030031', description: 'Screwdriver set', price: '19.99' },
  { partner: 'baltic-tools', sku: 'BT-3004', gtin: '4056789030048', description: 'Spirit level', price: '11.30' },
  {
    partner: 'baltic-tools',
    sku: 'BT-3005',
    gtin: '4056789030055',
    description: 'Cordless drill (new model)',
    price: '89.00',
  },
  { partner: 'sunrise-goods', sku: 'SG-4001', gtin: '4056789040016', description: 'LED lamp 9W', price: '3.20' },
  { partner: 'sunrise-goods', sku: 'SG-4002', gtin: '4056789040023', description: 'Extension cord 5m', price: '7.95' },
  { partner: 'sunrise-goods', sku: 'SG-4003', gtin: '4056789040030', description: 'Work gloves', price: '2.60' },
  { partner: 'sunrise-goods', sku: 'SG-4004', gtin: '4056789040047', description: 'Cable ties', price: '1.75' },
  { partner: 'sunrise-goods', sku: 'SG-4005', gtin: '4056789040054', description: 'Head torch', price: '12.40' },
];
