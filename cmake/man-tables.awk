# man-tables.awk - gives the tables of lowdown's man pages the widths that their cells need
#
# lowdown makes a text block of each cell, and tbl gives all blocks the same width, so that a column of short words is as
# wide as one of sentences. Here the cells of one short line become plain, and the last column takes what room is left.
function put_cell(cell, lines, number)
{
	if (number > 1)
		printf "|"
	if (lines > 1 || length(cell) > 32 || cell ~ /\||^[.']/)
		printf "T{\n%s\nT}", cell
	else
		printf "%s", cell
}

function put_row(    i)
{
	for (i = 1; i <= cells; i++)
		put_cell(cell[i], lines[i], i)
	printf "\n"
}

/^\.TS$/ { in_table = 1 }
/^\.TE$/ { in_table = 0 }
!in_table { print; next }
in_row && /^T[}]/ {
	if ($0 == "T}|T{") {
		cells++
		lines[cells] = 0
		cell[cells] = ""
		next
	}
	put_row()
	in_row = 0
	next
}
in_row {
	cell[cells] = lines[cells]++ ? cell[cells] "\n" $0 : $0
	next
}
/^T[{]$/ {
	in_row = cells = 1
	lines[1] = 0
	cell[1] = ""
	next
}
/^l.*\.$/ { sub(/\.$/, "x.") }
{ sub(/ expand allbox;/, ";"); print }
