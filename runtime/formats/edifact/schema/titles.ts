import { titlesOf } from '../../titles.ts';

/** What messages without a table are called, for people who look into a file. */
const titles = `
BANSTA Banking Status Message
BAPLIE Bayplan/Stowage Plan Message
CALINF Vessel Call Information Message
COARRI Container Discharge/Loading Report Message
CODECO Container Gate-in/Gate-out Report Message
COMDIS Commercial Dispute Message
COPARN Container Announcement Message
COPINO Container Pre-notification Message
COPRAR Container Discharge/Loading Order Message
CREADV Credit Advice Message
CREMUL Multiple Credit Advice Message
CUSCAR Customs Cargo Report Message
CUSDEC Customs Declaration Message
CUSRES Customs Response Message
DEBADV Debit Advice Message
DELFOR Delivery Schedule Message
DELJIT Delivery Just in Time Message
DESTIM Equipment Damage and Repair Estimate Message
FINSTA Financial Statement of an Account Message
GENRAL General Purpose Message
HANMOV Cargo/Goods Handling and Movement Message
IFCSUM Forwarding and Consolidation Summary Message
IFTDGN Dangerous Goods Notification Message
IFTMAN Arrival Notice Message
IFTMBC Booking Confirmation Message
IFTMBF Firm Booking Message
IFTMBP Provisional Booking Message
IFTMCS Instruction Contract Status Message
IFTMIN Instruction Message
IFTRIN Forwarding and Transport Rate Information Message
IFTSAI Forwarding and Transport Schedule and Availability Information Message
INSDES Instruction to Despatch Message
MSCONS Metered Services Consumption Report Message
OSTENQ Order Status Enquiry Message
OSTRPT Order Status Report Message
PARTIN Party Information Message
PAXLST Passenger List Message
PAYMUL Multiple Payment Order Message
PAYORD Payment Order Message
PRICAT Price/Sales Catalogue Message
PRODAT Product Data Message
PROINQ Product Inquiry Message
QALITY Quality Data Message
QUOTES Quote Message
REMADV Remittance Advice Message
REQOTE Request for Quote Message
RETANN Announcement for Returns Message
RETINS Instruction for Returns Message
SLSFCT Sales Forecast Report Message
SLSRPT Sales Data Report Message
STATAC Statement of Account Message
SUPCOT Superannuation Contributions Advice Message
TAXCON Tax Control Message
UTILMD Utilities Master Data Message
UTILTS Utilities Time Series Message
VERMAS Verified Gross Mass Message
`;
export const titleOf = titlesOf(titles);
