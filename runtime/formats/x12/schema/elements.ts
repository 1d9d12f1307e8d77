/**
 * Data element dictionary: `number type min/max name`. Types as in X12.6: AN text, ID code, Nn number with n implied decimals,
 * R decimal number, DT date, TM time. Composites: `Cnnn element … | conditions | name`, elements as in segments.ts.
 * `Lnn` stands for elements whose number is not known to us; `I01` … are those of the ISA.
 * A line that starts with `@version` replaces the definition from that version on; `<version` before it.
 */
export const elements = `
2 N0 1/6 Number of Accepted Transaction Sets
19 AN 2/30 City Name
22 AN 1/30 Commodity Code
23 ID 1/1 Commodity Code Qualifier
24 ID 4/4 Equipment Type
26 ID 2/3 Country Code
28 N0 1/9 Group Control Number
40 ID 2/2 Equipment Description Code
52 ID 1/1 Lading Exception Code
54 ID 2/2 Risk of Loss Code
55 AN 2/10 Flight or Voyage Number
@005050 55 AN 2/30 Flight or Voyage Number
56 ID 2/2 Type of Service Code
59 AN 2/5 Freight Class Code
61 AN 1/30 Free-form Information
65 R 1/8 Height
66 ID 1/2 Identification Code Qualifier
67 AN 2/80 Identification Code
<004010 67 AN 2/20 Identification Code
71 N0 1/3 Inquiry Request Number
76 AN 1/22 Invoice Number
79 AN 1/50 Lading Description
80 N0 1/7 Lading Quantity
81 R 1/10 Weight
82 R 1/8 Length
87 AN 1/48 Marks and Numbers
88 ID 1/2 Marks and Numbers Qualifier
91 ID 1/2 Transportation Method or Type Code
92 ID 2/2 Purchase Order Type Code
93 AN 1/60 Name
<004010 93 AN 1/35 Name
96 N0 1/10 Number of Included Segments
97 N0 1/6 Number of Transaction Sets Included
98 ID 2/3 Entity Identifier Code
100 ID 3/3 Currency Code
102 ID 1/1 Ownership Code
103 AN 3/5 Packaging Code
107 ID 1/2 Payment Method Code
113 AN 1/4 Pier Number
114 AN 2/24 Port Name
115 ID 1/1 Port or Terminal Function Code
116 ID 3/15 Postal Code
118 R 1/9 Rate
123 N0 1/6 Number of Received Transaction Sets
124 AN 2/15 Application Receiver's Code
127 AN 1/30 Reference Identification
@004030 127 AN 1/50 Reference Identification
@005030 127 AN 1/80 Reference Identification
128 ID 2/3 Reference Identification Qualifier
133 ID 1/2 Routing Sequence Code
140 ID 2/4 Standard Carrier Alpha Code
142 AN 2/15 Application Sender's Code
143 ID 3/3 Transaction Set Identifier Code
145 AN 1/30 Shipment Identification Number
146 ID 2/2 Shipment Method of Payment
152 ID 2/3 Special Handling Code
153 AN 2/30 Special Handling Description
154 ID 6/9 Standard Point Location Code
156 ID 2/2 State or Province Code
166 AN 1/55 Address Information
<004010 166 AN 1/35 Address Information
174 AN 2/30 Terminal Name
176 ID 1/2 Time Qualifier
177 ID 1/2 Intermodal Service Code
182 AN 2/28 Vessel Name
183 R 1/8 Volume
184 ID 1/1 Volume Unit Qualifier
187 ID 1/2 Weight Qualifier
188 ID 1/1 Weight Unit Code
189 R 1/8 Width
206 AN 1/4 Equipment Initial
207 AN 1/10 Equipment Number
@004040 207 AN 1/15 Equipment Number
208 ID 1/1 Hazardous Material Code Qualifier
209 AN 1/4 Hazardous Material Class Code
211 ID 3/3 Packaging Form Code
212 R 1/17 Unit Price
219 ID 1/3 Position
225 AN 2/15 Seal Number
234 AN 1/48 Product or Service ID
<004010 234 AN 1/40 Product or Service ID
@006010 234 AN 1/80 Product or Service ID
235 ID 2/2 Product or Service ID Qualifier
236 ID 3/3 Price Identifier Code
248 ID 1/1 Allowance or Charge Indicator
249 ID 1/1 Vessel Requirement Code
280 R 4/10 Exchange Rate
284 ID 2/2 Service Level Code
285 AN 1/22 Depositor Order Number
289 N0 1/2 Multiple Price Quantity
296 ID 2/4 Intermediate Switch Carrier
306 ID 1/2 Action Code
309 ID 1/2 Location Qualifier
310 AN 1/30 Location Identifier
324 AN 1/22 Purchase Order Number
325 AN 1/20 Tax Identification Number
326 AN 1/45 Request Reference Number
327 AN 1/8 Change Order Sequence Number
328 AN 1/30 Release Number
329 AN 4/9 Transaction Set Control Number
330 R 1/15 Quantity Ordered
<004010 330 R 1/9 Quantity Ordered
331 ID 2/2 Allowance or Charge Method of Handling Code
332 R 1/6 Percent
333 ID 1/2 Terms Basis Date Code
334 ID 2/2 Transportation Terms Qualifier Code
335 ID 3/3 Transportation Terms Code
336 ID 2/2 Terms Type Code
337 TM 4/8 Time
338 R 1/6 Terms Discount Percent
339 R 1/10 Allowance or Charge Quantity
340 ID 1/3 Allowance or Charge Code
341 AN 1/16 Allowance or Charge Number
342 R 1/5 Percent of Invoice Payable
343 AN 1/16 Exception Number
344 ID 2/2 Unit of Time Period or Interval
345 ID 2/2 Lead Time Code
347 R 1/10 Hash Total
349 ID 1/1 Item Description Type
350 AN 1/20 Assigned Identification
351 N0 1/3 Terms Discount Days Due
352 AN 1/80 Description
353 ID 2/2 Transaction Set Purpose Code
354 N0 1/6 Number of Line Items
355 ID 2/2 Unit or Basis for Measurement Code
356 N0 1/6 Pack
357 R 1/8 Size
358 R 1/10 Quantity Invoiced
@004040 358 R 1/15 Quantity Invoiced
359 R 1/15 Allowance or Charge Rate
360 N2 1/15 Allowance or Charge Total Amount
362 N2 1/10 Terms Discount Amount
363 ID 3/3 Note Reference Code
364 AN 1/80 Communication Number
@004020 364 AN 1/256 Communication Number
365 ID 2/2 Communication Number Qualifier
366 ID 2/2 Contact Function Code
367 AN 1/30 Contract Number
368 ID 2/2 Shipment or Order Status Code
369 AN 1/45 Free-form Description
370 DT 8/8 Terms Discount Due Date
<004010 370 DT 6/6 Terms Discount Due Date
371 ID 2/2 Change Reason Code
373 DT 8/8 Date
<004010 373 DT 6/6 Date
374 ID 3/3 Date or Time Qualifier
378 ID 1/1 Allowance or Charge Percent Qualifier
380 R 1/15 Quantity
382 R 1/10 Number of Units Shipped
383 R 1/9 Quantity Difference
384 R 1/9 Gross Weight per Pack
385 R 1/9 Gross Volume per Pack
386 N0 1/3 Terms Net Days
387 AN 1/35 Routing
388 DT 8/8 Terms Deferred Due Date
<004010 388 DT 6/6 Terms Deferred Due Date
389 N2 1/10 Deferred Amount Due
393 AN 1/12 Warehouse Receipt Number
395 R 1/8 Unit Weight
396 AN 2/30 Shipment Identification
397 AN 1/10 Color
398 N0 1/3 Quantity of Pallets Shipped
399 ID 1/1 Pallet Exchange Code
400 ID 2/2 Unit Load Option Code
407 ID 2/2 Seal Status Code
408 R 1/4 Temperature
412 ID 2/2 Receiving Condition Code
413 R 1/7 Quantity Received
@005040 413 R 1/15 Quantity Received
432 ID 2/2 Date Qualifier
438 AN 12/12 U.P.C. Case Code
441 ID 1/1 Tax Exempt Code
443 AN 1/20 Contact Inquiry Reference
446 DT 8/8 Terms Net Due Date
<004010 446 DT 6/6 Terms Net Due Date
447 AN 1/6 Loop Identifier Code
451 AN 1/12 Warehouse Lot Number
455 ID 1/2 Responsible Agency Code
473 ID 1/1 Order Status Code
474 N0 6/6 Link Sequence Number
475 AN 1/22 Master Reference Number
478 ID 1/1 Credit or Debit Flag Code
479 ID 2/2 Functional Identifier Code
480 AN 1/12 Version, Release or Industry Identifier Code
499 AN 1/10 Condition Value
508 AN 1/35 Account Number
514 ID 1/1 Reporting Code
522 ID 1/3 Amount Qualifier Code
528 ID 2/3 Shipping Date Change Reason Code
531 AN 1/12 Agent Shipment ID Number
554 N0 1/6 Assigned Number
559 ID 2/2 Agency Qualifier Code
560 ID 2/10 Special Services Code
563 ID 1/2 Sales Requirement Code
566 ID 1/2 Product or Service Substitution Code
587 ID 2/2 Acknowledgment Type
597 ID 1/8 Vessel Code
610 N2 1/15 Amount
618 ID 1/3 Implementation Transaction Set Syntax Error Code
620 ID 1/3 Implementation Segment Syntax Error Code
621 ID 1/3 Implementation Data Element Syntax Error Code
622 N0 1/5 Number of Loads
623 ID 2/2 Time Code
624 N0 2/2 Century
626 ID 1/2 Excess Transportation Reason Code
627 ID 1/1 Excess Transportation Responsibility Code
628 AN 1/12 Hierarchical ID Number
639 ID 2/2 Basis of Unit Price Code
640 ID 2/2 Transaction Type Code
641 ID 3/3 Status Reason Code
646 R 1/15 Quantity Shipped to Date
647 ID 1/3 Application Error Condition Code
648 ID 3/3 Price Multiplier Qualifier
649 R 1/10 Multiplier
653 ID 3/3 Discount Terms Type Code
654 ID 2/2 Discount Base Qualifier
655 R 1/10 Discount Base Value
656 ID 2/3 Discount Control Limit Qualifier
657 N0 1/10 Discount Control Limit
659 ID 1/2 Basis of Verification Code
662 ID 1/1 Relationship Code
663 R 1/9 Quantity Units Received or Accepted
664 R 1/9 Quantity Units Returned
667 R 1/9 Quantity in Question
668 ID 2/2 Line Item Status Code
669 ID 3/3 Currency Market or Exchange Code
670 ID 2/2 Change or Response Type Code
671 R 1/9 Quantity Left to Receive
673 ID 2/2 Quantity Qualifier
687 ID 2/2 Class of Trade Code
688 ID 2/2 Restrictions or Conditions Qualifier
704 ID 1/2 Paperwork or Report Action Code
706 ID 2/2 Entity Relationship Code
715 ID 1/1 Functional Group Acknowledge Code
716 ID 1/3 Functional Group Syntax Error Code
717 ID 1/1 Transaction Set Acknowledgment Code
718 ID 1/3 Transaction Set Syntax Error Code
719 N0 1/6 Segment Position in Transaction Set
@005010 719 N0 1/10 Segment Position in Transaction Set
720 ID 1/3 Segment Syntax Error Code
721 ID 2/3 Segment ID Code
722 N0 1/2 Element Position in Segment
723 ID 1/3 Data Element Syntax Error Code
724 AN 1/99 Copy of Bad Data Element
725 N0 1/4 Data Element Reference Number
@006030 725 AN 1/4 Data Element Reference Number
728 ID 1/2 Returnable Container Load Make-Up Code
731 ID 1/2 Transit Direction Code
732 ID 2/2 Transit Time Direction Qualifier
733 R 1/4 Transit Time
734 AN 1/12 Hierarchical Parent ID Number
735 ID 1/2 Hierarchical Level Code
736 ID 1/1 Hierarchical Child Code
737 ID 2/2 Measurement Reference ID Code
738 ID 1/3 Measurement Qualifier
739 R 1/20 Measurement Value
740 R 1/20 Range Minimum
741 R 1/20 Range Maximum
742 AN 1/35 Route Description
750 ID 2/3 Product or Process Characteristic Code
751 AN 1/12 Product Description Code
752 ID 2/2 Surface, Layer or Position Code
753 ID 1/5 Packaging Characteristic Code
754 AN 1/7 Packaging Description Code
755 ID 2/2 Report Type Code
756 ID 1/2 Report Transmission Code
757 N0 1/2 Report Copies Needed
761 N0 1/1 Equipment Number Check Digit
765 N0 1/2 Day of Month
770 AN 1/20 Option Number
782 R 1/18 Monetary Amount
786 ID 2/2 Security Level Code
799 AN 1/30 Version Identifier
810 N0 1/6 Inner Pack
819 ID 2/3 Language Code
822 AN 1/15 Source Subqualifier
828 R 1/9 Dollar Basis for Percent
854 ID 2/2 Vessel Type Code
875 ID 3/3 Maintenance Type Code
883 ID 1/2 Pallet Type Code
884 N0 1/3 Pallet Tiers
885 N0 1/3 Pallet Blocks
897 ID 1/1 Vessel Code Qualifier
933 AN 1/264 Free-form Message Text
934 ID 2/2 Printer Carriage Control Code
935 ID 2/2 Measurement Significance Code
936 ID 2/2 Measurement Attribute Code
951 ID 1/2 Balance Type Code
954 R 1/10 Percentage as Decimal
955 ID 2/2 Tax Jurisdiction Code Qualifier
956 AN 1/10 Tax Jurisdiction Code
962 ID 1/1 Receiving Advice or Acceptance Certificate Type Code
963 ID 2/2 Tax Type Code
1000 ID 2/2 Service Characteristics Qualifier
@004041 1000 ID 2/3 Service Characteristics Qualifier
1004 ID 1/2 Percent Qualifier
1005 ID 4/4 Hierarchical Structure Code
1018 R 1/15 Exponent
1019 ID 3/3 Invoice Type Code
1035 AN 1/35 Name Last or Organization Name
@004020 1035 AN 1/60 Name Last or Organization Name
1036 AN 1/25 Name First
@004020 1036 AN 1/35 Name First
1037 AN 1/25 Name Middle
1038 AN 1/10 Name Prefix
1039 AN 1/10 Name Suffix
1065 ID 1/1 Entity Type Qualifier
1066 ID 1/2 Citizenship Status Code
1067 ID 1/1 Marital Status Code
1068 ID 1/1 Gender Code
1073 ID 1/1 Yes or No Condition or Response Code
1096 ID 5/5 County Designator
1106 ID 2/2 Address Component Qualifier
1109 ID 1/1 Race or Ethnicity Code
1122 ID 1/1 Vent Setting Code
1123 N0 1/3 Percent
1136 ID 2/2 Code Category
1166 ID 2/2 Contract Type Code
1179 ID 1/2 Customs Entry Type Group Code
1195 ID 2/2 Breakdown Structure Detail Code
1196 AN 1/80 Financial Information Code
1232 ID 2/2 Purchase Category
1250 ID 2/3 Date Time Period Format Qualifier
1251 AN 1/35 Date Time Period
1270 ID 1/3 Code List Qualifier Code
1271 AN 1/30 Industry Code
1280 ID 1/1 Direction Identifier Code
1292 ID 2/2 Return Disposition Code
1293 ID 2/2 Return Request Reason Code
1294 ID 2/2 Return Response Reason Code
1300 ID 4/4 Service, Promotion, Allowance, or Charge Code
1301 AN 1/10 Agency Service, Promotion, Allowance, or Charge Code
1321 ID 2/2 Condition Indicator
@004040 1321 ID 2/3 Condition Indicator
1373 ID 2/4 Measurement Method or Device
1470 N0 1/9 Number
1525 ID 1/2 Request Category Code
1528 N0 1/2 Component Data Element Position in Composite
1551 AN 1/4096 Textual Data
1650 ID 2/2 Shipment Status Code
1651 ID 2/2 Shipment Status or Appointment Reason Code
1652 ID 2/2 Shipment Appointment Status Code
1654 ID 7/7 Longitude Code
1655 ID 7/7 Latitude Code
1686 N0 1/4 Repeating Data Element Position
1705 AN 1/35 Implementation Convention Reference
1715 ID 1/3 Country Subdivision Code
9998 AN 1/35 Context Reference
9999 AN 1/35 Context Name
C001 355! 1018 649 355 1018 649 355 1018 649 355 1018 649 355 1018 649 | | Composite Unit of Measure
C002 704! 704 704 704 704 | | Actions Indicated
C030 722! 1528 | | Position in Segment
@004020 C030 722! 1528 1686 | | Position in Segment
C040 128! 127! 128 127 128 127 | P0304 P0506 | Reference Identifier
C056 1109 1270 1271 | P0203 | Race or Ethnicity Information
C998 9999! 9998 | | Context Identification
C999 725! 725 | | Reference in Segment
I01 ID 2/2 Authorization Information Qualifier
I02 AN 10/10 Authorization Information
I03 ID 2/2 Security Information Qualifier
I04 AN 10/10 Security Information
I05 ID 2/2 Interchange ID Qualifier
I06 AN 15/15 Interchange Sender ID
I07 AN 15/15 Interchange Receiver ID
I08 DT 6/6 Interchange Date
I09 TM 4/4 Interchange Time
I10 AN 1/1 Interchange Control Standards Identifier or Repetition Separator
I11 ID 5/5 Interchange Control Version Number
I12 N0 9/9 Interchange Control Number
I13 ID 1/1 Acknowledgment Requested
I14 ID 1/1 Usage Indicator
I15 AN 1/1 Component Element Separator
I17 ID 1/1 Interchange Acknowledgment Code
I18 ID 3/3 Interchange Note Code
L1 ID 1/1 Code
L2 ID 1/2 Code
L3 ID 1/3 Code
L7 R 1/7 Quantity
@005040 L7 R 1/15 Quantity
L9 R 1/9 Quantity
@005040 L9 R 1/15 Quantity
L10 R 1/10 Quantity
@005040 L10 R 1/15 Quantity
L12 AN 1/12 Identification
L22 ID 2/2 Code
L201 ID 2/2 F.O.B. Point Code
L202 AN 1/30 F.O.B. Point
L203 AN 1/60 Free-form Message
L30 AN 1/30 Identification
L66 N0 6/6 Number
`;
