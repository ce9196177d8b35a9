package catalog

var embedded = Shipped{}
