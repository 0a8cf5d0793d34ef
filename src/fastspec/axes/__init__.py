"""Hz and seconds <-> rows and columns of a picture; this room knows no picture and no colour."""
