"""Two results of one patient at two dates: lungs aligned, nodules matched, growth measured."""
