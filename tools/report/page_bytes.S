// The page of a report as bytes of the program; page.cc declares the names. OBVIEWS_REPORT_PAGE is
// the file, as the build made it.
    .section .rodata
    .globl obviews_report_page
    .type obviews_report_page, STT_OBJECT
    .globl obviews_report_page_end
    .type obviews_report_page_end, STT_OBJECT
obviews_report_page:
    .incbin OBVIEWS_REPORT_PAGE
obviews_report_page_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
