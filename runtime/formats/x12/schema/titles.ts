import { titlesOf } from '../../titles.ts';

/** What transactions without a table are called, for people who look into a file. */
const titles = `
104 Air Shipment Information
110 Air Freight Details and Invoice
204 Motor Carrier Load Tender
210 Motor Carrier Freight Details and Invoice
211 Motor Carrier Bill of Lading
212 Motor Carrier Delivery Trailer Manifest
213 Motor Carrier Shipment Status Inquiry
216 Motor Carrier Shipment Pickup Notification
270 Eligibility, Coverage or Benefit Inquiry
271 Eligibility, Coverage or Benefit Information
276 Health Care Claim Status Request
277 Health Care Information Status Notification
278 Health Care Services Review Information
300 Reservation (Booking Request) (Ocean)
301 Confirmation (Ocean)
304 Shipping Instructions
309 Customs Manifest
310 Freight Receipt and Invoice (Ocean)
315 Status Details (Ocean)
322 Terminal Operations and Intermodal Ramp Activity
404 Rail Carrier Shipment Information
410 Rail Carrier Freight Details and Invoice
417 Rail Carrier Waybill Interchange
753 Request for Routing Instructions
754 Routing Instructions
811 Consolidated Service Invoice/Statement
812 Credit/Debit Adjustment
813 Electronic Filing of Tax Return Data
816 Organizational Relationships
820 Payment Order/Remittance Advice
821 Financial Information Reporting
823 Lockbox
824 Application Advice
830 Planning Schedule with Release Capability
832 Price/Sales Catalog
834 Benefit Enrollment and Maintenance
835 Health Care Claim Payment/Advice
837 Health Care Claim
838 Trading Partner Profile
840 Request for Quotation
843 Response to Request for Quotation
844 Product Transfer Account Adjustment
845 Price Authorization Acknowledgment/Status
849 Response to Product Transfer Account Adjustment
852 Product Activity Data
853 Routing and Carrier Instruction
857 Shipment and Billing Notice
858 Shipment Information
859 Freight Invoice
862 Shipping Schedule
863 Report of Test Results
864 Text Message
866 Production Sequence
867 Product Transfer and Resale Report
869 Order Status Inquiry
870 Order Status Report
875 Grocery Products Purchase Order
876 Grocery Products Purchase Order Change
878 Product Authorization/De-authorization
879 Price Information
880 Grocery Products Invoice
888 Item Maintenance
889 Promotion Announcement
894 Delivery/Return Base Record
895 Delivery/Return Acknowledgment or Adjustment
947 Warehouse Inventory Adjustment Advice
990 Response to a Load Tender
`;
export const titleOf = titlesOf(titles);
