"""Score what any detector says against annotated nodules: FROC and CPM by the LUNA16 rule, AP and AR by overlap."""
